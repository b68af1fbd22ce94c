package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Identities and trust in real handshakes of real engines. */
class HandshakeTest {
    private static final String NO_NAME = "10.1.2.3"; // addresses are not sent as server names

    private static final Identity FALLBACK = Identity.selfSigned("fallback.example.org");
    private static final Identity EXACT = Identity.selfSigned("exact.example.org");
    private static final Identity WILDCARD = Identity.selfSigned("*.example.org");
    private static final Identities BY_SNI =
            Identities.bySni(FALLBACK, Map.of("Exact.Example.org", EXACT, "*.example.org", WILDCARD));

    static Stream<Arguments> providersAndVersions() {
        return Stream.of(TlsProvider.values())
                .flatMap(server -> Stream.of(TlsProvider.values())
                        .flatMap(client ->
                                Stream.of("TLSv1.2", "TLSv1.3").map(version -> Arguments.of(server, client, version))));
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldShowTheCertificateForTheNameWhenTheClientAsks(TlsProvider server, TlsProvider client, String version)
            throws Exception {
        HandshakeSetup setup =
                new HandshakeSetup(server, client, version).identities(BY_SNI).trusting(EXACT, WILDCARD, FALLBACK);

        assertThat(setup.serverCertificate("exact.example.org")).isEqualTo(EXACT.certificate());
        assertThat(setup.serverCertificate("other.example.org")).isEqualTo(WILDCARD.certificate());
        assertThat(setup.serverCertificate("two.labels.example.org")).isEqualTo(FALLBACK.certificate());
        assertThat(setup.serverCertificate(NO_NAME)).isEqualTo(FALLBACK.certificate());
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldHandshakeWhenTheKeyIsRsa(TlsProvider server, TlsProvider client, String version) throws Exception {
        Identity rsa = Identity.pem(file("rsa.crt"), file("rsa-pkcs1.key"));

        assertThat(new HandshakeSetup(server, client, version)
                        .identities(Identities.of(rsa))
                        .trusting(rsa)
                        .serverCertificate("rsa.example.org"))
                .isEqualTo(rsa.certificate());
    }

    /** BouncyCastle takes only certificates of its own for Ed25519, and Conscrypt has none. */
    @Test
    void shouldHandshakeWhenTheKeyIsEd25519() throws Exception {
        Identity ed25519 = Identity.pem(file("ed25519.crt"), file("ed25519-pkcs8.key"));

        assertThat(new HandshakeSetup(TlsProvider.JDK, TlsProvider.JDK, "TLSv1.3")
                        .identities(Identities.of(ed25519))
                        .trusting(ed25519)
                        .serverCertificate("ed25519.example.org"))
                .isEqualTo(ed25519.certificate());
    }

    /** Conscrypt asks for a key of each kind before it knows the client, and then has one of them only. */
    @ParameterizedTest
    @EnumSource(names = {"JDK", "BOUNCY_CASTLE"})
    void shouldShowAnAlternativeWhenTheClientCannotCheckThePreferredKey(TlsProvider server) throws Exception {
        Identity rsa = Identity.pem(file("rsa.crt"), file("rsa-pkcs8.key"));
        HandshakeSetup setup = new HandshakeSetup(server, TlsProvider.JDK, "TLSv1.2")
                .identities(Identities.of(FALLBACK, rsa))
                .trusting(FALLBACK, rsa);

        assertThat(setup.serverCertificate(NO_NAME)).isEqualTo(FALLBACK.certificate());
        setup.cipherSuite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assertThat(setup.serverCertificate(NO_NAME)).isEqualTo(rsa.certificate());
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldSendTheWholeChainWhenTheRootIsTrusted(TlsProvider server, TlsProvider client, String version)
            throws Exception {
        Identity leaf = Identity.pem(file("chain-shuffled.crt"), file("ec-sec1.key"));

        HandshakeSetup setup = new HandshakeSetup(server, client, version)
                .identities(Identities.of(leaf))
                .trust(Trust.pem(file("root.crt")));

        assertThat(setup.serverCertificate("leaf.example.org")).isEqualTo(leaf.certificate());
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldOfferTheClientsIdentityWhenTheServerKnowsItsIssuer(
            TlsProvider server, TlsProvider client, String version) throws Exception {
        Identity leaf = Identity.pem(file("chain.crt"), file("ec-sec1.key"));
        HandshakeSetup setup = new HandshakeSetup(server, client, version)
                .identities(Identities.of(FALLBACK))
                .trusting(FALLBACK)
                .clientAuth(leaf, Trust.pem(file("root.crt")));

        SSLEngine serverEngine = setup.run(NO_NAME).server();

        assertThat(serverEngine.getSession().getPeerCertificates()[0]).isEqualTo(leaf.certificate());
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldOfferNothingWhenTheServerAsksForOtherIssuers(TlsProvider server, TlsProvider client, String version)
            throws Exception {
        HandshakeSetup setup = new HandshakeSetup(server, client, version)
                .identities(Identities.of(FALLBACK))
                .trusting(FALLBACK)
                .clientAuth(EXACT, Trust.pem(file("root.crt")));

        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> setup.run(NO_NAME));
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void shouldRefuseWhenTheCertificateIsNotTrusted(TlsProvider server, TlsProvider client, String version) {
        HandshakeSetup setup =
                new HandshakeSetup(server, client, version).identities(BY_SNI).trusting(EXACT);

        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> setup.serverCertificate(NO_NAME));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCheckNamesAndAddressesWhenTheCertificateIsSelfSigned(TlsProvider client) throws Exception {
        Identity local = Identity.selfSigned();
        HandshakeSetup setup = new HandshakeSetup(TlsProvider.JDK, client, "TLSv1.3")
                .identities(Identities.of(local))
                .trusting(local)
                .checkingNames();

        for (String name : List.of("localhost", "127.0.0.1", "::1")) {
            // Conscrypt's trust manager compares IPv6 addresses as text, and certificates hold them as bytes.
            if (client == TlsProvider.CONSCRYPT && name.equals("::1")) {
                continue;
            }
            assertThat(setup.serverCertificate(name)).isEqualTo(local.certificate());
        }
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> setup.serverCertificate("127.0.0.2"));
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> setup.serverCertificate("example.org"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldAcceptAnythingWhenTrustIsInsecure(TlsProvider client) throws Exception {
        Identity expired = Identity.pem(file("expired.crt"), file("ec-sec1.key"));
        HandshakeSetup setup = new HandshakeSetup(TlsProvider.JDK, client, "TLSv1.3")
                .identities(Identities.of(expired))
                .trust(Trust.insecureTrustAnything())
                .checkingNames();

        assertThat(setup.serverCertificate("example.org")).isEqualTo(expired.certificate());
    }

    @Test
    void shouldRefuseWhenOnlyTheSystemIsTrusted() {
        HandshakeSetup setup = new HandshakeSetup(TlsProvider.JDK, TlsProvider.JDK, "TLSv1.3")
                .identities(BY_SNI)
                .trust(Trust.system());

        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> setup.serverCertificate("exact.example.org"));
    }
}
