package dev.sluice.tls;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.tls.internal.ContextSource;
import dev.sluice.tls.internal.EngineSetup;
import dev.sluice.tls.internal.TlsClient;
import dev.sluice.tls.internal.TlsConnection;
import dev.sluice.tls.internal.TlsMetrics;
import dev.sluice.tls.internal.TlsServer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/**
 * TLS 1.3 and 1.2 over any connection: what an {@link Endpoint} is given to carry.
 *
 * <pre>{@code
 * Tls server = Tls.server(Identity.pem(Path.of("server.crt"), Path.of("server.key")));
 * builder.listen(Endpoint.tcp("::", 8076).with(server));
 *
 * Tls client = Tls.clientBuilder().trust(Trust.pem(Path.of("ca.crt"))).build();
 * group.connect(Endpoint.parse("tls://host:8076").with(client), handler, timeout);
 * }</pre>
 *
 * <p>The connection above the TLS handshake passes the same contract as any other, but for what the protocol takes away: TLS 1.2 has
 * no half-close (RFC 5246, section 7.2.1), so after one side ends its direction the other cannot write. An end without {@code
 * close_notify} is a {@link Reason#TRUNCATED} failure, never an end.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Tls implements ConnectionLayer {
    /** Makes an engine for a connection that was accepted. */
    interface ServerEngines {
        SSLEngine newEngine(ContextSource contexts, List<String> protocolsUnlessSet);
    }

    /** Makes an engine for a connection to a server. */
    interface ClientEngines {
        SSLEngine newEngine(ContextSource contexts, Endpoint endpoint, List<String> protocolsUnlessSet)
                throws TransportException;
    }

    private final ContextSource contexts;
    private final Executor taskExecutor;
    private final Optional<ServerEngines> serverEngines;
    private final Optional<ClientEngines> clientEngines;
    private final boolean optional;
    /** For ALPN where the builder was told none. */
    private final List<String> protocolsUnlessSet;

    private final TlsMetrics metrics;

    Tls(
            ContextSource contexts,
            Executor taskExecutor,
            Optional<ServerEngines> serverEngines,
            Optional<ClientEngines> clientEngines,
            boolean optional) {
        this.contexts = contexts;
        this.taskExecutor = taskExecutor;
        this.serverEngines = serverEngines;
        this.clientEngines = clientEngines;
        this.optional = optional;
        this.protocolsUnlessSet = List.of();
        this.metrics = new TlsMetrics();
    }

    private Tls(Tls original, List<String> protocolsUnlessSet) {
        this.contexts = original.contexts;
        this.taskExecutor = original.taskExecutor;
        this.serverEngines = original.serverEngines;
        this.clientEngines = original.clientEngines;
        this.optional = original.optional;
        this.protocolsUnlessSet = List.copyOf(protocolsUnlessSet);
        this.metrics = original.metrics;
    }

    /** Returns a server with one certificate. */
    public static Tls server(Identity identity) {
        return server(Identities.of(identity));
    }

    /** Returns a server with certificates by name, or such as change. */
    public static Tls server(Identities identities) {
        return serverBuilder(identities).build();
    }

    /** Returns a server on whose port plaintext clients are let in, too; see {@link TlsServerBuilder#optional()}. */
    public static Tls optional(Identities identities) {
        return serverBuilder(identities).optional().build();
    }

    /** Returns a builder of a server. */
    public static TlsServerBuilder serverBuilder(Identities identities) {
        return new TlsServerBuilder(Optional.of(identities));
    }

    /** Returns a builder of a server that gets its identities with a {@link TlsBuilder#context}. */
    public static TlsServerBuilder serverBuilder() {
        return new TlsServerBuilder(Optional.empty());
    }

    /** Returns a client that trusts whom the JVM trusts. */
    public static Tls client() {
        return clientBuilder().build();
    }

    /** Returns a builder of a client. */
    public static TlsClientBuilder clientBuilder() {
        return new TlsClientBuilder();
    }

    /** As {@link Identity#selfSigned}: for tests and first steps. */
    public static Identity selfSigned(String... names) {
        return Identity.selfSigned(names);
    }

    /** Returns what was agreed upon on a connection, empty if it is in plaintext. Any thread. */
    public static Optional<TlsInfo> info(Connection connection) {
        return connection instanceof TlsConnection tls ? Optional.of(tls.info()) : Optional.empty();
    }

    /** Returns the session of a connection, empty if it is in plaintext. Any thread. */
    public static Optional<SSLSession> session(Connection connection) {
        return connection.tlsSession();
    }

    /** Returns the counts. */
    public TlsStats stats() {
        return metrics.stats();
    }

    @Override
    public String scheme() {
        return "tls";
    }

    /** {@inheritDoc} It does so even if it trusts anything, as {@link Trust#insecureTrustAnything()} has been told to. */
    @Override
    public boolean isEncrypting() {
        return true;
    }

    /** {@inheritDoc} The one returned shares sessions, certificates and counts with this. */
    @Override
    public Tls withApplicationProtocols(List<String> names) {
        return new Tls(this, names);
    }

    @Override
    public void requireAccepting(Endpoint endpoint) throws TransportException {
        if (serverEngines.isEmpty()) {
            throw new TransportException(
                    Reason.UNSUPPORTED,
                    endpoint + ": to accept TLS a certificate is needed: Endpoint.with(Tls.server(identity))");
        }
    }

    @Override
    public ConnectionHandler accepting(Acceptor acceptor) {
        ServerEngines engines = serverEngines.orElseThrow();
        EngineSetup setup = new EngineSetup(
                () -> engines.newEngine(contexts, protocolsUnlessSet), contexts.nets(), taskExecutor, metrics);
        return TlsServer.accepting(this, setup, acceptor, optional);
    }

    @Override
    public ConnectionHandler connecting(
            Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
        if (clientEngines.isEmpty()) {
            throw new IllegalArgumentException(
                    endpoint + ": to connect with TLS a client is needed: Endpoint.with(Tls.client())");
        }
        ClientEngines engines = clientEngines.get();
        EngineSetup setup = new EngineSetup(
                () -> engines.newEngine(contexts, endpoint, protocolsUnlessSet),
                contexts.nets(),
                taskExecutor,
                metrics);
        return TlsClient.connecting(this, setup, endpoint, handler, result);
    }

    @Override
    public String toString() {
        return (serverEngines.isPresent() ? (optional ? "TLS or plaintext" : "TLS") + " server" : "TLS client") + " ("
                + contexts.current().getProvider().getName() + ")";
    }
}
