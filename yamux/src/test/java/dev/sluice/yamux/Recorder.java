package dev.sluice.yamux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Keeps all that comes, and why the connection closed. */
class Recorder implements ConnectionHandler {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<TransportException> closed = new CompletableFuture<>();
    private volatile Connection connection;
    private final AtomicInteger receivedBytes = new AtomicInteger();
    private final AtomicInteger rooms = new AtomicInteger();
    private volatile boolean ended;

    @Override
    public void onAttached(Connection attached) {
        connection = attached;
    }

    @Override
    public void onReadable(Connection readable) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64 << 10);
        int n = readable.read(bytes);
        if (n < 0) {
            ended = true;
        } else {
            received.write(bytes.array(), 0, n);
            receivedBytes.addAndGet(n);
        }
    }

    @Override
    public void onWritable(Connection writable) {
        rooms.incrementAndGet();
    }

    @Override
    public void onClosed(Connection gone, TransportException cause) {
        closed.complete(cause);
    }

    Connection connection() {
        if (connection == null) {
            Awaitility.await().until(() -> connection != null);
        }
        return connection;
    }

    <T> T onLoop(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        connection().loop().execute(future);
        return future.get(10, TimeUnit.SECONDS);
    }

    void write(byte[] bytes) throws Exception {
        int taken = onLoop(() -> connection.write(ByteBuffer.wrap(bytes)));
        if (taken != bytes.length) {
            throw new AssertionError("expected room for " + bytes.length + " bytes, there was for " + taken);
        }
    }

    /** Returns what came, once it is that many bytes. */
    byte[] awaitBytes(int bytes) throws Exception {
        Awaitility.await().until(() -> receivedBytes.get() >= bytes || closed.isDone());
        return onLoop(received::toByteArray);
    }

    int rooms() {
        return rooms.get();
    }

    void awaitEnd() {
        Awaitility.await().until(() -> ended);
    }

    boolean isClosed() {
        return closed.isDone();
    }

    TransportException awaitClosed() throws Exception {
        return closed.get(10, TimeUnit.SECONDS);
    }
}
