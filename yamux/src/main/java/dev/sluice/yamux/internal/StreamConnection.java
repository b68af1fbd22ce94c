package dev.sluice.yamux.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractConnection;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * A stream of a session as a connection. What was received and not yet read is kept here, within the stream's window; so is what small
 * writes of a turn leave to be sent together. Large writes go straight to the connection below.
 */
public final class StreamConnection extends AbstractConnection {
    /** A write of this size goes out by itself: a copy would cost more than the call that it saves. */
    private static final int LARGE_WRITE_BYTES = 16 << 10;
    /** Payload of this size is offered where it was received, before it is kept. */
    private static final int LARGE_PAYLOAD_BYTES = 2 << 10;
    /** Kept of a stream's small writes; while much is kept for all, {@link BufferPool#SCANT_BYTES}. */
    private static final int QUEUE_BYTES = 64 << 10;

    /** Written or kept in one piece. */
    private static final int PIECE_BYTES = YamuxConfig.LARGEST_FRAME_BYTES;

    private static final int OUTPUT_PIECE_BYTES = OutputQueue.SHARED_FRAME_BYTES;
    /** One call's share, before others on the loop have their turn. */
    private static final int WRITE_BYTES = 256 << 10;

    private final SessionDriver driver;
    private final YamuxStream stream;
    private final ByteQueue input;
    private final ByteQueue output;

    /** What is being received, while it is offered to the handler; else null. */
    private ByteBuffer arriving;
    /** What a caller is writing, while it goes straight below; else null. */
    private ByteBuffer departing;

    private boolean inputEnded;
    /** Why no more comes behind what is kept; null while it may. */
    private TransportException broken;

    private boolean readWanted;
    private boolean writeWanted;
    /** Whether the driver will tell this of input. The driver's. */
    boolean inReaders;
    /** Whether the driver will tell this of room. The driver's. */
    boolean inWriters;

    StreamConnection(SessionDriver driver, YamuxStream stream) {
        super(
                driver.below().loop(),
                driver.below().localEndpoint(),
                driver.below().remoteEndpoint());
        this.driver = driver;
        this.stream = stream;
        input = new ByteQueue(loop().buffers(), PIECE_BYTES);
        output = new ByteQueue(loop().buffers(), OUTPUT_PIECE_BYTES);
        stream.attach(this);
    }

    static StreamConnection of(YamuxStream stream) {
        return (StreamConnection) stream.attachment().orElseThrow();
    }

    /** Opens the connection for a stream of the peer. What the acceptor throws resets it. */
    void accept(Acceptor acceptor) {
        try {
            ConnectionHandler first = acceptor.onAccepted(this);
            if (state() != ConnectionState.CLOSED) {
                stream.accept();
            }
            open(first);
        } catch (Throwable t) {
            failed("accepting it", t);
        }
    }

    /** Returns the session that this is a stream of. */
    public Yamux session() {
        return driver.owner();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        return driver.below().peerCredentials();
    }

    @Override
    public Optional<SSLSession> tlsSession() {
        return driver.below().tlsSession();
    }

    @Override
    public String toString() {
        return "connection " + id() + " (" + stream + ")";
    }

    // ---------------------------------------------------------------- in

    /** Bytes came. Those that the handler leaves are kept. */
    void arrived(ByteBuffer bytes) {
        if (readWanted && input.isEmpty() && bytes.remaining() >= LARGE_PAYLOAD_BYTES) {
            arriving = bytes;
            offer();
            arriving = null;
        }
        if (state() == ConnectionState.CLOSED || !bytes.hasRemaining()) {
            return;
        }
        try {
            input.append(bytes, bytes.remaining());
            driver.tellOfInput(this);
        } catch (TransportException e) {
            failed("keeping what was received", e);
        }
    }

    /** The peer has ended its direction. */
    void inputEnded() {
        inputEnded = true;
        driver.tellOfInput(this);
    }

    /** The stream was cut. */
    void cut(TransportException cause, boolean inputKept) {
        dropOutput();
        if (inputKept && state().isReadable() && (hasBufferedInput() || hasUnread())) {
            broken = cause;
            driver.tellOfInput(this);
            loop().post(this::tellWritable); // whose write will be told why
        } else {
            abort(cause);
        }
    }

    void tellReadable() {
        if (readWanted && hasBufferedInput()) {
            offer();
        }
    }

    /** Lets the handler read. One that goes on with it is likely to get more at once. */
    private void offer() {
        readable();
        if (readWanted && !inputEnded && state() != ConnectionState.CLOSED && !usesThreads()) {
            loop().expectInput();
        }
    }

    @Override
    protected int readSome(ByteBuffer dst) throws IOException {
        int n = arriving == null ? input.read(dst) : readArriving(dst);
        if (n > 0) {
            stream.bytesRead(n);
            return n;
        }
        if (!dst.hasRemaining() || hasKeptInput()) {
            return 0;
        }
        if (inputEnded) {
            if (broken != null) {
                loop().post(() -> abort(broken)); // after the end was read there is nothing left to wait for
            }
            return -1;
        }
        if (broken != null) {
            throw broken;
        }
        return 0;
    }

    private int readArriving(ByteBuffer dst) {
        int n = Math.min(arriving.remaining(), dst.remaining());
        dst.put(dst.position(), arriving, arriving.position(), n).position(dst.position() + n);
        arriving.position(arriving.position() + n);
        return n;
    }

    @Override
    protected void readInterest(boolean wanted) {
        readWanted = wanted;
    }

    @Override
    protected boolean hasBufferedInput() {
        return hasKeptInput() || inputEnded || broken != null;
    }

    private boolean hasKeptInput() {
        return !input.isEmpty() || (arriving != null && arriving.hasRemaining());
    }

    // ---------------------------------------------------------------- out

    @Override
    protected int writeSome(ByteBuffer src) throws IOException {
        int before = src.remaining();
        int taken = 0;
        while (src.hasRemaining() && taken < WRITE_BYTES) {
            int n = writeOnce(src);
            if (n == 0) {
                break;
            }
            taken = before - src.remaining();
        }
        return taken;
    }

    @Override
    protected long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += writeSome(srcs[i]);
            if (srcs[i].hasRemaining()) {
                break;
            }
        }
        return total;
    }

    @Override
    protected long sendSome(FileChannel src, long position, int count) throws IOException {
        int room = Math.min(Math.min(count, PIECE_BYTES), room(count));
        if (room == 0) {
            requireUnbroken();
            return 0;
        }
        // A frame that has begun must be completed, which a file that shrinks meanwhile cannot: so not by sendfile.
        PooledBuffer piece = loop().buffers().acquireUpTo(room);
        try {
            ByteBuffer bytes = piece.buffer();
            bytes.limit(Math.min(room, bytes.capacity()));
            return src.read(bytes, position) < 0 ? -1 : writeSome(bytes.flip());
        } finally {
            piece.release();
        }
    }

    private int writeOnce(ByteBuffer src) throws TransportException {
        int n = Math.min(src.remaining(), room(src.remaining()));
        if (n == 0) {
            requireUnbroken();
            return 0;
        }
        if (isLarge(src.remaining()) && driver.isFree()) {
            writeThrough(src, Math.min(n, PIECE_BYTES));
        } else {
            keep(src, n);
            stream.addOutput(n);
        }
        return n;
    }

    /** Returns how much of {@code wanted} bytes can be written now. */
    private int room(int wanted) {
        int window = (int) Math.min(Integer.MAX_VALUE, stream.roomBytes());
        if (!isLarge(wanted)) {
            return Math.min(window, queueRoom());
        }
        if (driver.isFree()) {
            return window;
        }
        return driver.isInSession() ? Math.min(window, queueRoom()) : 0;
    }

    private int queueRoom() {
        int limit = driver.hasKeptMuch() ? BufferPool.SCANT_BYTES : QUEUE_BYTES;
        return Math.max(0, limit - output.bytes());
    }

    private static boolean isLarge(int bytes) {
        return bytes >= LARGE_WRITE_BYTES;
    }

    /** Lets the driver take the bytes where they are; what it leaves is kept. */
    private void writeThrough(ByteBuffer src, int count) throws TransportException {
        int limit = src.limit();
        src.limit(src.position() + count);
        departing = src;
        try {
            stream.addOutput(count);
            driver.writeNow();
            int left = src.remaining();
            if (left > 0 && stream.queuedBytes() > 0) {
                keep(src, left);
            }
        } finally {
            departing = null;
            src.limit(limit);
        }
        requireOpen();
    }

    private void keep(ByteBuffer src, int count) throws TransportException {
        int before = output.bytes();
        try {
            output.append(src, count);
        } catch (TransportException e) {
            stream.reset(0); // what is missing of its output cannot be sent any more
            throw e;
        } finally {
            driver.kept(output.bytes() - before);
        }
    }

    private void requireOpen() throws TransportException {
        if (state() == ConnectionState.CLOSED) {
            throw closeCause().orElseThrow();
        }
        requireUnbroken();
    }

    private void requireUnbroken() throws TransportException {
        if (broken != null) {
            throw broken;
        }
    }

    /** The next bytes of the stream's output, as part of a frame. */
    void giveOutput(int count, Outbox outbox) {
        int left = count;
        while (left > 0 && !output.isEmpty()) {
            int n = Math.min(left, output.firstBytes());
            if (n == output.firstBytes()) {
                outbox.add(output.takeFirst());
            } else {
                output.copyFirst(n, outbox);
            }
            driver.kept(-n);
            left -= n;
        }
        if (left > 0) {
            giveDeparting(left, outbox);
        }
    }

    private void giveDeparting(int count, Outbox outbox) {
        if (count == departing.remaining() && outbox.takesBorrowed(count)) {
            outbox.borrow(departing);
        } else {
            outbox.copy(departing, count);
        }
    }

    /** The peer has room again, or the connection below may have. */
    void tellWritable() {
        if (writeWanted) {
            writeWanted = false;
            writable();
        }
    }

    @Override
    protected void writeInterest() {
        writeWanted = true;
        if (broken == null && stream.roomBytes() == 0) {
            stream.awaitRoom();
        } else {
            driver.tellOfRoom(this);
        }
    }

    @Override
    protected void endOutput() {
        stream.endOutput();
    }

    // ---------------------------------------------------------------- the end

    @Override
    protected void release(boolean abortive) {
        input.clear();
        arriving = null;
        if (abortive || stream.isWaiting()) {
            dropOutput();
            stream.reset(0);
        } else {
            stream.close(); // what is kept of the output is still sent
        }
    }

    private void dropOutput() {
        driver.kept(-output.bytes());
        output.clear();
    }
}
