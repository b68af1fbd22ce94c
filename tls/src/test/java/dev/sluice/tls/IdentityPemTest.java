package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static dev.sluice.tls.TestKeys.password;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityPemTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "ec.crt, ec-pkcs8.key, EC",
        "ec.crt, ec-sec1.key, EC",
        "rsa.crt, rsa-pkcs8.key, RSA",
        "rsa.crt, rsa-pkcs1.key, RSA",
        "rsapss.crt, rsapss-pkcs8.key, RSASSA-PSS",
        "ed25519.crt, ed25519-pkcs8.key, EdDSA",
    })
    void shouldLoadWhenTheKeyHasAnyUsualForm(String chain, String key, String algorithm) throws IOException {
        Identity identity = Identity.pem(file(chain), file(key));

        assertThat(identity.privateKey().getAlgorithm()).isEqualTo(algorithm);
        assertThat(identity.chain()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec-encrypted.key", "ec-pbes1.key", "ec-sec1.key"})
    void shouldLoadWhenThePasswordOpensTheKeyOrIsNotNeeded(String key) throws IOException {
        assertThat(Identity.pem(file("ec.crt"), file(key), password()).names())
                .containsExactly("ec.example.org", "10.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain.crt", "chain-shuffled.crt"})
    void shouldPutTheLeafFirstWhenTheFileHasAnyOrder(String chain) throws IOException {
        Identity identity = Identity.pem(file(chain), file("ec-sec1.key"));

        assertThat(identity.chain())
                .extracting(certificate -> certificate.getSubjectX500Principal().getName())
                .containsExactly("CN=leaf.example.org", "CN=intermediate", "CN=root");
    }

    @Test
    void shouldSendCrossCertificatesLastWhenAnAuthorityHasTwo() throws IOException {
        Path chain = write("crossed.crt", Files.readString(file("chain.crt")) + Files.readString(file("cross.crt")));

        assertThat(Identity.pem(chain, file("ec-sec1.key")).chain())
                .extracting(certificate -> certificate.getIssuerX500Principal().getName())
                .containsExactly("CN=intermediate", "CN=root", "CN=root", "CN=other");
    }

    @Test
    void shouldLoadBothWhenOneFileHoldsKeyChainAndComments() throws IOException {
        Path both = file("chain-with-key.pem");

        assertThat(Identity.pem(both, both).chain()).hasSize(2);
    }

    @Test
    void shouldCountACertificateOnceWhenItStandsTwice() throws IOException {
        String chain = Files.readString(file("chain.crt"));

        assertThat(Identity.pem(write("twice.crt", chain + chain), file("ec-sec1.key"))
                        .chain())
                .hasSize(3);
    }

    @Test
    void shouldLoadWhenLinesEndAsOnWindowsAndAMarkStandsFirst() throws IOException {
        Path windows =
                write("windows.crt", "\ufeff" + Files.readString(file("ec.crt")).replace("\n", "\r\n"));

        assertThat(Identity.pem(windows, file("ec-sec1.key")).chain()).hasSize(1);
    }

    @Test
    void shouldSayThatItExpiredWhenItDid() throws IOException {
        try (LogRecorder log = new LogRecorder(IdentitySource.class)) {
            Identity identity = Identity.pem(file("expired.crt"), file("ec-sec1.key"));

            assertThat(identity.toString()).contains("CN=expired.example.org", "EXPIRED 2020-01-01T00:00:01Z");
            assertThat(log.warnings())
                    .containsExactly(
                            file("expired.crt") + ": loaded, but peers will refuse the certificate: " + identity);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ec.crt        | ec.crt                | ec.crt: holds a certificate, expected a private key
            ec-pkcs8.key  | ec-pkcs8.key          | ec-pkcs8.key: holds a private key, expected a certificate
            ec-sec1.key   | ec-sec1.key           | ec-sec1.key: holds 2 blocks, EC parameters and an EC private key, expected a certificate
            ec.crt        | rsa-pkcs8.key         | rsa-pkcs8.key: the key (RSA) does not belong to the certificate of 'CN=ec.example.org' (EC)
            root.crt      | ec-pkcs8.key          | ec-pkcs8.key: the key (EC) does not belong to the certificate of 'CN=root' (EC)
            ec.crt        | ec-encrypted.key      | ec-encrypted.key: holds an encrypted private key, expected a password with it
            ec.crt        | rsa-old-encrypted.key | rsa-old-encrypted.key: holds a key encrypted in OpenSSL's old way, expected PKCS#8
            ec.crt        | ec-explicit.key       | ec-explicit.key: holds an EC private key with a curve spelled out, expected the name of a curve
            ec.crt        | one.p12               | one.p12: holds no PEM block but looks like DER or PKCS#12, expected a private key in PEM
            one.p12       | ec-pkcs8.key          | one.p12: holds no PEM block but looks like DER or PKCS#12, expected a certificate in PEM
            """)
    void shouldNameTheFileAndWhatItHoldsWhenThatIsWrong(String chain, String key, String message) {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file(chain), file(key)))
                .withMessageContaining("/" + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ec-encrypted.key | wrong  | holds an encrypted private key that the password does not open
            ec-pbes1.key     | wrong  | holds an encrypted private key that the password does not open
            ec-encrypted.key | ''     | holds an encrypted private key that the password does not open
            ec-scrypt.key    | secret | that this JDK cannot open (
            """)
    void shouldSayWhyWhenAnEncryptedKeyDoesNotOpen(String key, String password, String message) {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), file(key), password.toCharArray()))
                .withMessageContaining(key + ": ")
                .withMessageContaining(message);
    }

    @Test
    void shouldRefuseWhenCertificatesAreNoChain() throws IOException {
        Path two = write("two.crt", Files.readString(file("ec.crt")) + Files.readString(file("rsa.crt")));

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(two, file("ec-sec1.key")))
                .withMessageContaining("two.crt: is no chain: ")
                .withMessageContaining("'CN=ec.example.org' to 'CN=rsa.example.org'");
    }

    @Test
    void shouldRefuseWhenTheFileHoldsTwoKeys() throws IOException {
        Path two = write("two.key", Files.readString(file("ec-pkcs8.key")) + Files.readString(file("rsa-pkcs8.key")));

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), two))
                .withMessageEndingWith("two.key: holds 2 private keys, expected one");
    }

    @Test
    void shouldRefuseWhenTheFileIsHuge() throws IOException {
        Path huge = write("huge.crt", "#".repeat(1 << 20) + "\n");

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(huge, file("ec-sec1.key")))
                .withMessageContaining("huge.crt: is larger than 1 MiB");
    }

    @Test
    void shouldSayWhichFileWhenItIsMissingOrAFolder() {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(folder.resolve("missing.crt"), file("ec-sec1.key")))
                .withMessageEndingWith("missing.crt: no such file");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), folder))
                .withMessage(folder + ": is a directory, expected a file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                  | is empty, expected a private key in PEM
            hello                                                               | holds no PEM block, expected a private key in PEM
            -----BEGIN PRIVATE KEY-----;AAAA                                    | has no END to the block PRIVATE KEY: the file is truncated
            -----BEGIN PRIVATE KEY-----;????;-----END PRIVATE KEY-----          | has a block PRIVATE KEY that is not Base64
            -----BEGIN PRIVATE KEY-----;-----END PRIVATE KEY-----               | has a block PRIVATE KEY without content
            -----BEGIN PRIVATE KEY-----;AAAA;-----END EC KEY-----               | begins a block PRIVATE KEY and ends it as EC KEY
            -----BEGIN PRIVATE KEY                                              | has a broken -----BEGIN line
            -----BEGIN PRIVATE KEY-----;MIGH;-----END PRIVATE KEY-----          | is truncated
            -----BEGIN PRIVATE KEY-----;MITwAAAA;-----END PRIVATE KEY-----      | is truncated
            -----BEGIN PRIVATE KEY-----;BAEA;-----END PRIVATE KEY-----          | has no PKCS#8 structure where one is expected
            -----BEGIN EC PRIVATE KEY-----;MAUCAQEEAA==;-----END EC PRIVATE KEY----- | does not say its curve
            -----BEGIN DSA PRIVATE KEY-----;MAUCAQEEAA==;-----END DSA PRIVATE KEY----- | holds a DSA private key, expected PKCS#8
            """)
    void shouldSayWhatIsBrokenWhenTheKeyIs(String content, String message) throws IOException {
        Path broken = write("broken.key", content.replace(';', '\n'));

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), broken))
                .withMessageContaining("broken.key: ")
                .withMessageContaining(message);
    }

    @Test
    void shouldNotQuoteTheKeyWhenItIsBroken() throws IOException {
        byte[] der = Base64.getMimeDecoder()
                .decode(Files.readString(file("ec-pkcs8.key")).replaceAll("-----.*-----", ""));
        String cut = Base64.getEncoder().encodeToString(Arrays.copyOf(der, der.length / 2));
        Path broken = write("cut.key", "-----BEGIN PRIVATE KEY-----\n" + cut + "!\n-----END PRIVATE KEY-----\n");

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), broken))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(cut.substring(8, 24)))
                .satisfies(e -> assertThat(e.file()).isEqualTo(broken));
    }

    @Test
    void shouldStopEarlyWhenAKeyAsksForTooManyIterations() throws IOException {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pem(file("ec.crt"), file("ec-costly.key"), password()))
                .withMessageContaining(
                        "holds an encrypted private key with 6000000 iterations, expected at most 5000000");
    }

    private Path write(String name, String content) throws IOException {
        return Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }
}
