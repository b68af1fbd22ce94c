package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Writes a few bytes, in as many pieces as the connection wants, then does something else with it. Loop-confined. */
final class WriteThen implements ConnectionHandler {
    private final ByteBuffer bytes;
    private final Consumer<Connection> then;

    WriteThen(ByteBuffer bytes, Consumer<Connection> then) {
        this.bytes = bytes;
        this.then = then;
    }

    /** Writes the bytes as the last ones of the connection. */
    static WriteThen close(ByteBuffer bytes) {
        return new WriteThen(bytes, LingeringClose::start);
    }

    @Override
    public void onAttached(Connection connection) throws TransportException {
        onWritable(connection);
    }

    @Override
    public void onWritable(Connection connection) throws TransportException {
        if (bytes.hasRemaining()) {
            connection.write(bytes);
            if (!bytes.hasRemaining()) {
                then.accept(connection);
            }
        }
    }

    @Override
    public void onReadable(Connection connection) {
        // What comes now is for whoever comes next; not reading pauses it.
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // Whoever waits for the connection learns it from whenClosed.
    }
}
