package dev.sluice.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Collects what two engines are made with. */
final class HandshakeSetup {
    private final TlsProvider server;
    private final TlsProvider client;
    private final String version;
    private Identities identities = Identities.of(Identity.selfSigned());
    private Trust trust = Trust.system();
    private Optional<Identities> clientIdentity = Optional.empty();
    private Optional<Trust> clientTrust = Optional.empty();
    private Optional<String> cipherSuite = Optional.empty();
    private boolean checkNames;

    HandshakeSetup(TlsProvider server, TlsProvider client, String version) {
        this.server = server;
        this.client = client;
        this.version = version;
    }

    HandshakeSetup identities(Identities all) {
        identities = all;
        return this;
    }

    HandshakeSetup trusting(Identity... trusted) {
        return trust(Trust.of(Stream.of(trusted).map(Identity::certificate).toArray(X509Certificate[]::new)));
    }

    HandshakeSetup trust(Trust newTrust) {
        trust = newTrust;
        return this;
    }

    HandshakeSetup clientAuth(Identity identity, Trust serversTrust) {
        clientIdentity = Optional.of(Identities.of(identity));
        clientTrust = Optional.of(serversTrust);
        return this;
    }

    void cipherSuite(String suite) {
        cipherSuite = Optional.of(suite);
    }

    HandshakeSetup checkingNames() {
        checkNames = true;
        return this;
    }

    X509Certificate serverCertificate(String name) throws IOException, GeneralSecurityException {
        return (X509Certificate) run(name).client().getSession().getPeerCertificates()[0];
    }

    EnginePair run(String name) throws IOException, GeneralSecurityException {
        SSLEngine serverEngine = server.context(Optional.of(identities), clientTrust.orElse(trust))
                .createSSLEngine();
        serverEngine.setUseClientMode(false);
        serverEngine.setNeedClientAuth(clientTrust.isPresent());
        SSLEngine clientEngine = client.context(clientIdentity, trust).createSSLEngine(name, 443);
        clientEngine.setUseClientMode(true);
        clientEngine.setEnabledProtocols(new String[] {version});
        cipherSuite.ifPresent(suite -> clientEngine.setEnabledCipherSuites(new String[] {suite}));
        SSLParameters parameters = clientEngine.getSSLParameters();
        if (checkNames) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        clientEngine.setSSLParameters(parameters);
        return new EnginePair(clientEngine, serverEngine).handshake();
    }
}
