package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustTest {
    @TempDir
    Path folder;

    private static List<String> authorities(X509ExtendedTrustManager[] managers) {
        List<String> names = new ArrayList<>();
        for (X509ExtendedTrustManager manager : managers) {
            for (X509Certificate issuer : manager.getAcceptedIssuers()) {
                names.add(issuer.getSubjectX500Principal().getName());
            }
        }
        return names;
    }

    @Test
    void shouldTrustTheJvmsAuthoritiesWhenTheSystemIsAsked() throws GeneralSecurityException {
        assertThat(authorities(Trust.system().trustManagers())).hasSizeGreaterThan(10);
    }

    @Test
    void shouldTrustAllCertificatesWhenAFileHoldsSeveral() throws Exception {
        Path bundle = Files.writeString(
                folder.resolve("ca.pem"),
                "the root\n" + Files.readString(file("root.crt")) + "and another\n" + Files.readString(file("ec.crt")));

        Trust trust = Trust.pem(bundle);

        assertThat(authorities(trust.trustManagers())).containsExactlyInAnyOrder("CN=root", "CN=ec.example.org");
        assertThat(trust).hasToString("Trust[" + bundle + ": CN=root and 1 more]");
    }

    @Test
    void shouldTrustTheCertificateWhenItStandsTwice() throws Exception {
        X509Certificate certificate = Identity.selfSigned().certificate();

        assertThat(authorities(Trust.of(certificate, certificate).trustManagers()))
                .containsOnly("CN=localhost");
    }

    @Test
    void shouldUseThePreferredProviderWhenTheGivenOneHasNoTrustManagers() throws Exception {
        Provider none = new Provider("None", "1", "for this test") {
            private static final long serialVersionUID = 1L;
        };

        assertThat(authorities(Trust.pem(file("root.crt")).trustManagers(none))).containsExactly("CN=root");
    }

    @Test
    void shouldRefuseWhenThereIsNothingToTrust() {
        assertThatIllegalArgumentException().isThrownBy(Trust::of).withMessageContaining("expected at least one");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> Trust.pem(file("ec-pkcs8.key")))
                .withMessageEndingWith("ec-pkcs8.key: holds a private key, expected a certificate");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Trust.pem(folder.resolve("missing.pem")))
                .withMessageEndingWith("missing.pem: no such file");
    }

    @Test
    void shouldWarnOnceWhenAnythingIsTrusted() throws GeneralSecurityException {
        try (LogRecorder log = new LogRecorder(Trust.class)) {
            Trust anything = Trust.insecureTrustAnything();
            assertThat(log.warnings()).isEmpty();
            anything.trustManagers();
            anything.trustManagers();

            assertThat(log.warnings()).hasSize(1).first().asString().contains("it protects nothing");
        }
    }
}
