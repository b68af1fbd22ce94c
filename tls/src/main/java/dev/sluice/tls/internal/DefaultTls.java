package dev.sluice.tls.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.tls.Tls;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What {@code tls://} stands for without settings: a client that trusts whom the JVM trusts. Made when first used. */
public final class DefaultTls implements ConnectionLayer {
    /** Holds the one client, with its sessions to resume. */
    private static final class Client {
        static final Tls INSTANCE = Tls.client();
    }

    /** For the service loader. */
    public DefaultTls() {}

    @Override
    public String scheme() {
        return "tls";
    }

    @Override
    public boolean isEncrypting() {
        return true;
    }

    @Override
    public ConnectionLayer withApplicationProtocols(List<String> names) {
        return Client.INSTANCE.withApplicationProtocols(names);
    }

    @Override
    public void requireAccepting(Endpoint endpoint) throws TransportException {
        Client.INSTANCE.requireAccepting(endpoint);
    }

    @Override
    public ConnectionHandler accepting(Acceptor acceptor) {
        return Client.INSTANCE.accepting(acceptor);
    }

    @Override
    public ConnectionHandler connecting(
            Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
        return Client.INSTANCE.connecting(endpoint, handler, result);
    }
}
