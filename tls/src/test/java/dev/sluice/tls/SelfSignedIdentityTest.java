package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfSignedIdentityTest {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    @TempDir
    Path folder;

    @Test
    void shouldBeForThisMachineWhenNoNamesAreGiven() {
        assertThat(Identity.selfSigned().names()).containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    }

    @Test
    void shouldBeForTheNamesWhenSomeAreGiven() {
        Identity identity = Identity.selfSigned("Bücher.example.", "*.Example.org", "192.0.2.255", "2001:db8::1");

        assertThat(identity.names())
                .containsExactly("xn--bcher-kva.example", "*.example.org", "192.0.2.255", "2001:db8:0:0:0:0:0:1");
        assertThat(identity.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=xn--bcher-kva.example");
    }

    @Test
    void shouldKeepTheSubjectShortWhenTheNameIsLong() {
        String label = "a".repeat(60);

        Identity identity = Identity.selfSigned(label + "." + label);

        assertThat(identity.names()).containsExactly(label + "." + label);
        assertThat(identity.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=self-signed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "*",
                "a.*.b",
                "-a",
                "a..b",
                "300.0.0.1.",
                "::g",
                "::1%lo",
                "1:2",
                "http://a",
                "a\u0000b"
            })
    void shouldRefuseWhenANameIsNone(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.selfSigned(name))
                .withMessageContaining("not a name for a certificate: '" + name + "'");
    }

    @Test
    void shouldBeValidFromYesterdayForAYear() {
        Identity identity = Identity.selfSigned();
        Instant now = Instant.now();

        assertThat(Duration.between(identity.validFrom(), now)).isBetween(Duration.ofHours(24), Duration.ofHours(25));
        assertThat(Duration.between(now, identity.validUntil())).isBetween(Duration.ofDays(364), Duration.ofDays(365));
        assertThat(identity.isValidAt(now)).isTrue();
        assertThat(identity.isValidAt(now.minus(Duration.ofDays(2)))).isFalse();
    }

    @Test
    void shouldBeForServersAndClientsAndNoAuthority() throws Exception {
        X509Certificate certificate = Identity.selfSigned().certificate();

        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(SERVER_AUTH, CLIENT_AUTH);
        assertThat(certificate.getKeyUsage()[0]).as("digital signature").isTrue();
        assertThat(certificate.getKeyUsage()[5]).as("signing certificates").isFalse();
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
        certificate.verify(certificate.getPublicKey());
    }

    @Test
    void shouldHaveItsOwnKeyAndSerialNumberWhenMadeAgain() {
        X509Certificate one = Identity.selfSigned().certificate();
        X509Certificate other = Identity.selfSigned().certificate();

        assertThat(one.getSerialNumber()).isPositive().isNotEqualTo(other.getSerialNumber());
        assertThat(one.getPublicKey()).isNotEqualTo(other.getPublicKey());
    }

    @Test
    void shouldBeItsOwnAnchorWhenTheJdkChecksThePath() throws Exception {
        X509Certificate certificate = Identity.selfSigned().certificate();
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(certificate, null)));
        parameters.setRevocationEnabled(false);

        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sslserver", "sslclient"})
    void shouldBeItsOwnAnchorWhenOpensslChecksIt(String purpose) throws Exception {
        assumeThat(openssl("version")).as("the openssl command").startsWith("OpenSSL");
        Path file = folder.resolve("self-signed.crt");
        byte[] der = Identity.selfSigned().certificate().getEncoded();
        Files.writeString(
                file,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(der)
                        + "\n-----END CERTIFICATE-----\n");

        for (String name : List.of("-verify_hostname localhost", "-verify_ip 127.0.0.1", "-verify_ip ::1")) {
            assertThat(openssl(
                            "verify -x509_strict -purpose " + purpose + " " + name + " -CAfile " + file + " " + file))
                    .endsWith("self-signed.crt: OK\n");
        }
    }

    private static String openssl(String arguments) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(("openssl " + arguments).split(" ", -1))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            return output;
        } catch (IOException e) {
            return "no openssl: " + e.getMessage();
        }
    }
}
