package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A handler that sends back what it gets, and tells when it was attached and closed. */
final class Collector implements ConnectionHandler {
    private final CompletableFuture<Connection> attached = new CompletableFuture<>();
    private final CompletableFuture<TransportException> closed = new CompletableFuture<>();
    private final CompletableFuture<Byte> firstByte = new CompletableFuture<>();
    private final boolean echoing;

    private Collector(boolean echoing) {
        this.echoing = echoing;
    }

    static Collector silent() {
        return new Collector(false);
    }

    static Collector echoing() {
        return new Collector(true);
    }

    @Override
    public void onAttached(Connection connection) {
        attached.complete(connection);
    }

    @Override
    public void onReadable(Connection connection) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        if (connection.read(bytes) < 0) {
            connection.close();
            return;
        }
        bytes.flip();
        if (bytes.hasRemaining()) {
            firstByte.complete(bytes.get(0));
        }
        if (echoing) {
            connection.write(bytes);
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        closed.complete(cause);
    }

    boolean isAttached() {
        return attached.isDone();
    }

    Connection connection() throws Exception {
        return attached.get(10, TimeUnit.SECONDS);
    }

    TransportException awaitClosed() throws Exception {
        return closed.get(10, TimeUnit.SECONDS);
    }

    /** Sends a byte and waits for one to come back. */
    void roundTrip() throws Exception {
        send();
        awaitByte();
    }

    /** Sends a byte. */
    void send() throws Exception {
        Connection connection = connection();
        CompletableFuture<Integer> written = new CompletableFuture<>();
        connection.loop().execute(() -> {
            try {
                written.complete(connection.write(ByteBuffer.wrap(new byte[] {42})));
            } catch (TransportException | RuntimeException e) {
                written.completeExceptionally(e);
            }
        });
        written.get(10, TimeUnit.SECONDS);
    }

    /** Waits for the first byte. */
    void awaitByte() throws Exception {
        firstByte.get(10, TimeUnit.SECONDS);
    }

    void close() throws Exception {
        Connection connection = connection();
        connection.loop().execute(connection::close);
        awaitClosed();
    }
}
