package dev.sluice.bench.yamux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.util.function.Consumer;

/**
 * Begins a session on a connection as soon as that is there.
 *
 * @param begin makes the session the connection's handler
 */
record SessionStart(Consumer<Connection> begin) implements ConnectionHandler {
    @Override
    public void onAttached(Connection connection) {
        begin.accept(connection);
    }

    @Override
    public void onReadable(Connection connection) {
        throw new IllegalStateException("the session is the handler");
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        throw new IllegalStateException("the session is the handler", cause);
    }
}
