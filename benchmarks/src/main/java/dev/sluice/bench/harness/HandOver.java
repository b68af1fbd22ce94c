package dev.sluice.bench.harness;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.util.function.Consumer;

/**
 * Hands a connection to threads as soon as it is there.
 *
 * @param to takes the blocking view, on the loop
 */
public record HandOver(Consumer<ByteStream> to) implements ConnectionHandler {
    @Override
    public void onAttached(Connection connection) throws TransportException {
        to.accept(connection.blocking());
    }

    @Override
    public void onReadable(Connection connection) {
        throw new IllegalStateException("the view is the handler");
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // It ended before it was handed over: there is nobody to tell.
    }
}
