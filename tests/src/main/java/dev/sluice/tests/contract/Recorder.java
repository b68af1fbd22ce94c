package dev.sluice.tests.contract;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;

/**
 * A handler that counts what happens to it, remembers what it received and sends what it is told to. By default it reads
 * all there is; a test says otherwise with the {@code on...} methods, before the connection is made or on its loop.
 *
 * <p>Everything is written on the loop and may be read by the test's thread.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the loop
public final class Recorder implements ConnectionHandler {
    private static final int KEPT_BYTES = 1 << 20;
    private static final int WRITES_PER_TURN = 16;

    /** Something a test wants done in a callback. */
    @FunctionalInterface
    public interface Callback {
        void run(Connection connection) throws IOException;
    }

    private final CompletableFuture<Connection> attached = new CompletableFuture<>();
    private final CompletableFuture<TransportException> closed = new CompletableFuture<>();
    private final MessageDigest digest = Payload.newSha256();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private ByteBuffer readBuffer = ByteBuffer.allocateDirect(64 << 10);
    private Callback readable = this::readOnce;
    private Callback writable = this::pump;
    private Callback attaching = c -> {};
    private Callback closing = c -> {};
    private Sending sending;

    private volatile int attachedCalls;
    private volatile int readableCalls;
    private volatile int writableCalls;
    private volatile int closedCalls;
    private volatile int callsAfterClosed;
    private volatile int callsBeforeAttached;
    private volatile int endsSeen;
    private volatile int shortages;
    private volatile long receivedBytes;

    private static final class Sending {
        final Payload payload;
        final ByteBuffer piece;
        final CompletableFuture<Void> done = new CompletableFuture<>();
        long position;

        Sending(Payload payload, int pieceBytes) {
            this.payload = payload;
            this.piece = ByteBuffer.allocateDirect(pieceBytes).limit(0);
        }
    }

    // ---------------------------------------------------------------- what a test says

    /** Reads through a buffer of this size. */
    public Recorder readSize(int bytes) {
        readBuffer = ByteBuffer.allocateDirect(bytes);
        return this;
    }

    /** Does this instead of reading. */
    public Recorder onReadable(Callback callback) {
        readable = callback;
        return this;
    }

    /** Does this instead of sending on. */
    public Recorder onWritable(Callback callback) {
        writable = callback;
        return this;
    }

    /** Does this when attached. */
    public Recorder onAttached(Callback callback) {
        attaching = callback;
        return this;
    }

    /** Does this when closed. */
    public Recorder onClosed(Callback callback) {
        closing = callback;
        return this;
    }

    /** Reads once and remembers the bytes. On the loop. */
    public int readOnce(Connection connection) throws TransportException {
        int n = connection.read(readBuffer.clear());
        if (n < 0) {
            endsSeen++;
            return n;
        }
        received(readBuffer.flip());
        return n;
    }

    /** Remembers bytes that a test read by itself. On the loop. */
    public void received(ByteBuffer bytes) {
        int n = bytes.remaining();
        digest.update(bytes.duplicate());
        while (bytes.hasRemaining() && kept.size() < KEPT_BYTES) {
            kept.write(bytes.get());
        }
        receivedBytes += n;
    }

    /** Sends all of {@code payload} in writes of {@code pieceBytes}, waiting for room when there is none. On the loop. */
    public CompletableFuture<Void> send(Connection connection, Payload payload, int pieceBytes) throws IOException {
        sending = new Sending(payload, pieceBytes);
        CompletableFuture<Void> done = sending.done;
        pump(connection);
        return done;
    }

    /** Goes on sending after there was no room. On the loop. */
    public void sendOn(Connection connection) throws IOException {
        pump(connection);
    }

    private void pump(Connection connection) throws IOException {
        for (int i = 0; sending != null; i++) {
            if (i == WRITES_PER_TURN || (i > 0 && sending.piece.capacity() == 1)) {
                connection.loop().execute(() -> goOn(connection));
                return;
            }
            if (!writePiece(connection)) {
                return;
            }
        }
    }

    private void goOn(Connection connection) {
        try {
            pump(connection);
        } catch (IOException | RuntimeException e) {
            sending.done.completeExceptionally(e);
        }
    }

    private boolean writePiece(Connection connection) throws IOException {
        ByteBuffer piece = sending.piece;
        if (!piece.hasRemaining()) {
            piece.clear();
            sending.payload.fill(sending.position, piece);
            sending.position += piece.flip().remaining();
        }
        connection.write(piece);
        if (piece.hasRemaining()) {
            shortages++;
            return false;
        }
        if (sending.position == sending.payload.length()) {
            CompletableFuture<Void> done = sending.done;
            sending = null;
            done.complete(null);
        }
        return true;
    }

    // ---------------------------------------------------------------- what the connection says

    @Override
    public void onAttached(Connection connection) throws IOException {
        attachedCalls++;
        try {
            attaching.run(connection);
        } finally {
            attached.complete(connection);
        }
    }

    @Override
    public void onReadable(Connection connection) throws IOException {
        readableCalls++;
        checkOrder();
        readable.run(connection);
    }

    @Override
    public void onWritable(Connection connection) throws IOException {
        writableCalls++;
        checkOrder();
        writable.run(connection);
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        closedCalls++;
        try {
            closing.run(connection);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            closed.complete(cause);
        }
    }

    private void checkOrder() {
        if (attachedCalls == 0) {
            callsBeforeAttached++;
        }
        if (closedCalls > 0) {
            callsAfterClosed++;
        }
    }

    // ---------------------------------------------------------------- what a test asks

    public Connection awaitAttached() throws Exception {
        return Waiting.result(attached);
    }

    public TransportException awaitClosed() throws Exception {
        return Waiting.result(closed);
    }

    public void awaitReceived(long bytes) {
        Waiting.until(bytes + " bytes received", () -> receivedBytes >= bytes);
    }

    public void awaitEnd() {
        Waiting.until("the end of input", () -> endsSeen > 0);
    }

    public boolean isClosed() {
        return closed.isDone();
    }

    /** Returns the first MiB of what was received. Call when nothing more comes. */
    public byte[] receivedHead() {
        return kept.toByteArray();
    }

    /** Returns the checksum of what was received. Call once, when nothing more comes. */
    public String receivedSha256() {
        return Payload.hex(digest);
    }

    public long receivedBytes() {
        return receivedBytes;
    }

    public int attachedCalls() {
        return attachedCalls;
    }

    public int readableCalls() {
        return readableCalls;
    }

    public int writableCalls() {
        return writableCalls;
    }

    public int closedCalls() {
        return closedCalls;
    }

    /** Returns how often the end of input was read. */
    public int endsSeen() {
        return endsSeen;
    }

    /** Returns how often a write of {@link #send} took less than it was given. */
    public int shortages() {
        return shortages;
    }

    /** Returns how many callbacks came too early or too late; 0 if the transport keeps the order. */
    public int callsOutOfOrder() {
        return callsBeforeAttached + callsAfterClosed;
    }
}
