package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes a few bytes, in as many pieces as the connection wants, then does something else with it. Loop-confined. */
final class WriteThen implements ConnectionHandler {
    private final ByteBuffer bytes;
    private final Consumer<Connection> then;
    /** Told if the connection ends before that. */
    private final Optional<ConnectionHandler> heir;

    private WriteThen(ByteBuffer bytes, Consumer<Connection> then, Optional<ConnectionHandler> heir) {
        this.bytes = bytes;
        this.then = then;
        this.heir = heir;
    }

    /** Writes the bytes as the last ones of the connection. */
    static WriteThen close(ByteBuffer bytes) {
        return new WriteThen(bytes, LingeringClose::start, Optional.empty());
    }

    /** Writes the bytes, says so, and gives the connection to {@code heir}, which learns its end in any case. */
    static WriteThen handOver(ByteBuffer bytes, ConnectionHandler heir, Runnable written) {
        return new WriteThen(
                bytes,
                connection -> {
                    written.run();
                    connection.handler(heir);
                },
                Optional.of(heir));
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
        heir.ifPresent(handler -> handler.onClosed(connection, cause));
    }
}
