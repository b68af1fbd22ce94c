package dev.sluice.tls;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.internal.ContextSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** The settings of a client. Not thread-safe. */
public final class TlsClientBuilder extends TlsBuilder<TlsClientBuilder> {
    private Optional<Identities> identities = Optional.empty();
    private Optional<Trust> trust = Optional.empty();
    private Optional<String> serverName = Optional.empty();
    private boolean hostnameCheck = true;

    TlsClientBuilder() {}

    @Override
    TlsClientBuilder self() {
        return this;
    }

    /** Sets whom to trust. Default: {@link Trust#system()}. */
    public TlsClientBuilder trust(Trust whom) {
        trust = Optional.of(whom);
        return this;
    }

    /** Sets the certificate to show to servers that ask for one (mutual TLS). Default: none. */
    public TlsClientBuilder identity(Identities own) {
        identities = Optional.of(own);
        return this;
    }

    /**
     * Sets the name to ask for (SNI, RFC 6066) and to find in the server's certificate. Default: the endpoint's host. Needed for
     * endpoints without a host, such as Unix sockets. A dot at the end, which says that a name is complete, is left out: neither SNI
     * nor certificates have it.
     */
    public TlsClientBuilder serverName(String name) {
        String withoutDot = withoutDot(name);
        if (withoutDot.isEmpty()) {
            throw new IllegalArgumentException("serverName must not be empty, is '" + name + "'");
        }
        serverName = Optional.of(withoutDot);
        return this;
    }

    /**
     * Takes any name in the server's certificate. Who holds any certificate of a trusted authority can then stand in for the server; meant
     * for authorities that issue to this server alone.
     */
    public TlsClientBuilder insecureNoHostnameCheck() {
        hostnameCheck = false;
        return this;
    }

    @Override
    public Tls build() {
        requireNothingBesideContext("trust(), identity()", trust.isPresent() || identities.isPresent());
        Trust whom = trust.orElseGet(Trust::system);
        ContextSource contexts =
                context.map(ContextSource::fixed).orElseGet(() -> ContextSource.live(provider, identities, whom));
        return new Tls(contexts, taskExecutor, Optional.empty(), Optional.of(this::newEngine), false);
    }

    private SSLEngine newEngine(ContextSource contexts, Endpoint endpoint, List<String> protocolsUnlessSet)
            throws TransportException {
        String name = serverName.orElseGet(() -> withoutDot(endpoint.host()));
        boolean checked = hostnameCheck && !trust.map(Trust::isInsecure).orElse(false);
        if (name.isEmpty() && checked) {
            throw new TransportException(
                    Reason.INVALID_ENDPOINT,
                    endpoint + " has no host to find in the server's certificate (TlsClientBuilder.serverName)");
        }
        // The name also is what sessions are found by, to be resumed.
        String peer = name.isEmpty() ? endpoint.toString() : name;
        SSLEngine engine = contexts.current().createSSLEngine(peer, Math.max(0, endpoint.port()));
        engine.setUseClientMode(true);
        SSLParameters parameters = contexts.parameters(engine, versions);
        setApplicationProtocols(parameters, applicationProtocols.orElse(protocolsUnlessSet));
        if (checked) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        sniName(name).ifPresent(sni -> parameters.setServerNames(List.of(sni)));
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** SNI carries DNS names only, no addresses (RFC 6066, section 3). */
    private static Optional<SNIHostName> sniName(String name) {
        boolean address = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        if (name.isEmpty() || address) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SNIHostName(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no DNS name either: the certificate check decides
        }
    }
}
