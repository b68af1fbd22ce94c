package dev.sluice.tls;

import dev.sluice.tls.internal.ContextSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** The settings of a server. Not thread-safe. */
public final class TlsServerBuilder extends TlsBuilder<TlsServerBuilder> {
    private final Optional<Identities> identities;
    private ClientAuth clientAuth = ClientAuth.NONE;
    private Optional<Trust> clientTrust = Optional.empty();
    private boolean optional;

    TlsServerBuilder(Optional<Identities> identities) {
        this.identities = identities;
    }

    @Override
    TlsServerBuilder self() {
        return this;
    }

    /** Asks clients for a certificate (mutual TLS). Default: {@link ClientAuth#NONE}. */
    public TlsServerBuilder clientCertificates(ClientAuth auth, Trust trust) {
        clientAuth = Objects.requireNonNull(auth, "auth");
        clientTrust = Optional.of(trust);
        return this;
    }

    /** As {@link #clientCertificates(ClientAuth, Trust)}, for a {@link #context}, which brings the trust. */
    public TlsServerBuilder clientCertificates(ClientAuth auth) {
        clientAuth = Objects.requireNonNull(auth, "auth");
        clientTrust = Optional.empty();
        return this;
    }

    /**
     * Lets plaintext clients in beside TLS clients: the first byte tells them apart. Who must not speak in plaintext has to be kept out
     * by the protocol, which asks {@link Tls#info}: {@link ClientAuth#REQUIRED} would not, so {@link #build} refuses it. Default: TLS
     * only.
     */
    public TlsServerBuilder optional() {
        optional = true;
        return this;
    }

    @Override
    public Tls build() {
        requireNothingBesideContext(
                "the identities and the trust in clients (Tls.serverBuilder(), clientCertificates(auth))",
                identities.isPresent() || clientTrust.isPresent());
        requireConsistent();
        Trust trust = clientTrust.orElseGet(Trust::system);
        ContextSource contexts =
                context.map(ContextSource::fixed).orElseGet(() -> ContextSource.live(provider, identities, trust));
        return new Tls(contexts, taskExecutor, Optional.of(this::newEngine), Optional.empty(), optional);
    }

    private void requireConsistent() {
        if (context.isEmpty() && identities.isEmpty()) {
            throw new IllegalStateException(
                    "a TLS server needs identities: Tls.serverBuilder(identities), or context(SSLContext)");
        }
        if (context.isEmpty() && clientTrust.isEmpty() && clientAuth != ClientAuth.NONE) {
            throw new IllegalStateException(
                    "whose certificates to take is not said: clientCertificates(auth, trust), or context(SSLContext)");
        }
        if (optional && clientAuth == ClientAuth.REQUIRED) {
            throw new IllegalStateException("optional() lets plaintext clients in, who show no certificate, so"
                    + " ClientAuth.REQUIRED would keep nobody out: leave out optional(), or use ClientAuth.OPTIONAL and have"
                    + " the protocol refuse connections without a client certificate (Tls.info)");
        }
    }

    private SSLEngine newEngine(ContextSource contexts, List<String> protocolsUnlessSet) {
        SSLEngine engine = contexts.current().createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = contexts.parameters(engine, versions);
        setApplicationProtocols(parameters, applicationProtocols.orElse(List.of()));
        parameters.setUseCipherSuitesOrder(true);
        switch (clientAuth) {
            case NONE -> parameters.setNeedClientAuth(false);
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        if (applicationProtocols.isEmpty() && !protocolsUnlessSet.isEmpty()) {
            selectIfOffered(engine, protocolsUnlessSet);
        }
        return engine;
    }

    /** By a selector, which may answer with the empty text, for none: parameters would refuse clients that offer others. */
    private static void selectIfOffered(SSLEngine engine, List<String> names) {
        try {
            engine.setHandshakeApplicationProtocolSelector((e, offered) ->
                    names.stream().filter(offered::contains).findFirst().orElse(""));
        } catch (UnsupportedOperationException e) {
            // Nobody has asked for ALPN by name: clients get in without it, as before.
        }
    }
}
