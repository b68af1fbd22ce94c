package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static dev.sluice.tls.TestKeys.password;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    private final Identity one = Identity.selfSigned("one.example.org");
    private final Identity other = Identity.selfSigned("other.example.org");

    @TempDir
    Path folder;

    @Test
    void shouldKeepKeyAndChainWhenTheyBelongTogether() throws IOException {
        Identity leaf = Identity.pem(file("chain.crt"), file("ec-pkcs8.key"));
        List<X509Certificate> reversed = new ArrayList<>(leaf.chain());
        Collections.reverse(reversed);

        Identity identity = Identity.of(leaf.privateKey(), reversed);

        assertThat(identity.chain()).isEqualTo(leaf.chain());
        assertThat(identity.privateKey()).isSameAs(leaf.privateKey());
        assertThat(identity.certificate()).isSameAs(leaf.certificate());
    }

    @Test
    void shouldRefuseWhenTheKeyIsAnother() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(one.privateKey(), other.chain()))
                .withMessageContaining("does not belong to the certificate of 'CN=other.example.org'");
    }

    @Test
    void shouldRefuseWhenTheKeyIsOfAnotherKindOrSize() throws IOException {
        PrivateKey rsa = Identity.pem(file("rsa.crt"), file("rsa-pkcs8.key")).privateKey();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(rsa, one.chain()))
                .withMessageContaining("the key (RSA) does not belong to the certificate of 'CN=one.example.org' (EC)");
    }

    @Test
    void shouldRefuseWhenTheKeyCannotSign() {
        PrivateKey unusable = new UnusableKey();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(unusable, one.chain()))
                .withMessageContaining("the key cannot be checked against the certificate of 'CN=one.example.org'");
    }

    @Test
    void shouldRefuseWhenThereIsNoCertificateOrNoChain() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(one.privateKey(), List.of()))
                .withMessageContaining("holds 0 certificates, expected a chain of 1 to 32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(one.privateKey(), List.of(one.certificate(), other.certificate())))
                .withMessageContaining("is no chain");
    }

    @Test
    void shouldRefuseWhenAnIssuerHasTheNameButNotTheKey() {
        Identity namesake = Identity.selfSigned("one.example.org");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of(one.privateKey(), List.of(one.certificate(), namesake.certificate())))
                .withMessageContaining("is no chain: it has nothing that leads from 'CN=one.example.org'");
    }

    @Test
    void shouldShowNamesAndTimeButNoKeyWhenWritten() throws IOException {
        Identity identity = Identity.pem(file("ec.crt"), file("ec-pkcs8.key"));

        assertThat(identity)
                .hasToString("CN=ec.example.org [ec.example.org, 10.0.0.1], EC, valid until " + identity.validUntil());
        assertThat(identity.describe(identity.validUntil().plus(Duration.ofSeconds(1))))
                .endsWith("EXPIRED " + identity.validUntil());
        assertThat(identity.describe(identity.validFrom().minus(Duration.ofSeconds(1))))
                .endsWith("NOT VALID BEFORE " + identity.validFrom());
    }

    @Test
    void shouldHaveNoNamesWhenTheCertificateHasNone() throws IOException {
        assertThat(Identity.pem(file("rsapss.crt"), file("rsapss-pkcs8.key")).names())
                .isEmpty();
    }

    @Test
    void shouldLoadTheOnlyKeyWhenTheStoreHasOne() throws IOException {
        Identity identity = Identity.pkcs12(file("one.p12"), password());

        assertThat(identity.chain()).hasSize(3);
        assertThat(identity.names()).containsExactly("leaf.example.org");
    }

    @Test
    void shouldLoadTheNamedKeyWhenTheStoreHasTwo() throws IOException {
        assertThat(Identity.pkcs12(file("two.p12"), password(), "rsa").names()).containsExactly("rsa.example.org");
        assertThat(Identity.pkcs12(file("two.p12"), password(), "ec").names()).contains("ec.example.org");
    }

    @Test
    void shouldSayWhichKeysThereAreWhenTheStoreLeavesAChoice() {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(file("two.p12"), password()))
                .withMessageEndingWith("two.p12: holds the keys [ec, rsa], expected one, or an alias that says which");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(file("two.p12"), password(), "dsa"))
                .withMessageEndingWith("two.p12: holds no key 'dsa', but [ec, rsa]");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(file("none.p12"), password()))
                .withMessageContaining("none.p12: holds no keys");
    }

    @Test
    void shouldSayWhyWhenTheStoreCannotBeRead() throws IOException {
        Path truncated = Files.write(folder.resolve("cut.p12"), cut(Files.readAllBytes(file("one.p12"))));
        Path empty = Files.createFile(folder.resolve("empty.p12"));

        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(file("one.p12"), "wrong".toCharArray()))
                .withMessageEndingWith("one.p12: is not opened by the password");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(truncated, password()))
                .withMessageContaining("cut.p12: is no PKCS#12 file");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(file("ec.crt"), password()))
                .withMessageContaining("ec.crt: is no PKCS#12 file");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Identity.pkcs12(empty, password()))
                .withMessageEndingWith("empty.p12: is empty, expected PKCS#12");
    }

    private static byte[] cut(byte[] content) {
        return Arrays.copyOf(content, content.length / 2);
    }

    @Test
    void shouldKeepItsPasswordWhenTheCallerClearsIt() throws IOException {
        char[] password = password();
        IdentitySource source = IdentitySource.pkcs12(file("one.p12"), password);
        Arrays.fill(password, ' ');

        assertThat(source.load().names()).containsExactly("leaf.example.org");
        assertThat(source).hasToString(file("one.p12").toString());
    }

    /** A key in a token that no installed provider can talk to. */
    private static final class UnusableKey implements PrivateKey {
        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        @SuppressWarnings("ReturnsNullCollection")
        public byte[] getEncoded() {
            return null;
        }
    }
}
