package dev.sluice.tls;

import dev.sluice.tls.internal.ContextSource;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** The settings of a server. Not thread-safe. */
public final class TlsServerBuilder extends TlsBuilder<TlsServerBuilder> {
    private final Identities identities;
    private ClientAuth clientAuth = ClientAuth.NONE;
    private Trust clientTrust = Trust.system();
    private boolean optional;

    TlsServerBuilder(Identities identities) {
        this.identities = Objects.requireNonNull(identities, "identities");
    }

    @Override
    TlsServerBuilder self() {
        return this;
    }

    /** Asks clients for a certificate (mutual TLS). Default: {@link ClientAuth#NONE}. */
    public TlsServerBuilder clientCertificates(ClientAuth auth, Trust trust) {
        clientAuth = Objects.requireNonNull(auth, "auth");
        clientTrust = Objects.requireNonNull(trust, "trust");
        return this;
    }

    /**
     * Lets plaintext clients in beside TLS clients: the first byte tells them apart. Who must not speak in plaintext has to be kept out
     * by the protocol, which asks {@link Tls#info}. Default: TLS only.
     */
    public TlsServerBuilder optional() {
        optional = true;
        return this;
    }

    @Override
    public Tls build() {
        ContextSource contexts = context.map(ContextSource::fixed)
                .orElseGet(() -> ContextSource.live(provider, Optional.of(identities), clientTrust));
        return new Tls(contexts, taskExecutor, Optional.of(this::newEngine), Optional.empty(), optional);
    }

    private SSLEngine newEngine(ContextSource contexts) {
        SSLEngine engine = contexts.current().createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = contexts.parameters(engine, versions, applicationProtocols);
        parameters.setUseCipherSuitesOrder(true);
        switch (clientAuth) {
            case NONE -> parameters.setNeedClientAuth(false);
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
