package dev.sluice.nio.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The blocking view of any connection: two bounded queues of pooled buffers between the loop, which moves the bytes, and the
 * threads, which wait.
 *
 * <p>Everything below the lock is guarded by it. The loop never waits: it holds the lock for moving references only, as do
 * the callers, who copy outside of it.
 */
public final class LoopByteStream extends AbstractByteStream implements ConnectionHandler {
    /**
     * Memory that may wait in each direction: enough to keep both sides busy while one of them is being woken. Counted in whole
     * buffers, so that many small pieces hold no more than a few large ones.
     */
    private static final int QUEUE_BYTES = 256 << 10;

    private static final int PIECE_BYTES = 64 << 10;
    /** Written before others on the loop have their turn: threads may go on for ever. */
    private static final int FLUSH_BYTES = Connection.MAX_TRANSFER_BYTES;

    /** Writes up to this are collected while others wait before them. */
    private static final int SMALL_WRITE_BYTES = 4 << 10;
    /** How long a peer has to read what was written before the close. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition inputChanged = lock.newCondition();
    private final Condition outputChanged = lock.newCondition();
    private final Runnable flushTask = this::flush;
    private final Runnable resumeTask = this::resume;

    private final Deque<PooledBuffer> input = new ArrayDeque<>();
    private final Deque<PooledBuffer> output = new ArrayDeque<>();
    private int inputBytes;
    private int outputBytes;
    private boolean inputPaused;
    private boolean inputEnded;
    /** The reader copies out of the first buffer and will come back for the lock. */
    private boolean readerBusy;

    private boolean outputEnding;
    private boolean closing;
    /** The caller has closed or cut the stream. */
    private boolean inputUnwanted;

    private TransportException closed;

    /** Loop-confined: the loop has been told that the output ends. */
    private boolean outputEnded;
    /** Loop-confined: what handles the connection once it is closed and all was written. */
    private Optional<ConnectionHandler> lingering = Optional.empty();

    /** Creates the view; it is to become the handler of {@code connection}. */
    public LoopByteStream(Connection connection) {
        super(connection);
    }

    // ---------------------------------------------------------------- threads

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        requireNotOnLoop();
        if (!dst.hasRemaining()) {
            return 0;
        }
        PooledBuffer head = awaitInput();
        if (head == null) {
            return -1;
        }
        ByteBuffer bytes = head.buffer();
        int n = Math.min(bytes.remaining(), dst.remaining());
        int end = bytes.limit();
        dst.put(bytes.limit(bytes.position() + n));
        bytes.limit(end);
        consumed(head);
        return n;
    }

    /** The first buffer stays in the queue while its bytes are copied: only the one reader takes it out. */
    private PooledBuffer awaitInput() throws TransportException {
        lock.lock();
        try {
            while (input.isEmpty() && !inputEnded && closed == null) {
                awaitOnce(inputChanged);
            }
            if (closing) {
                throw closedByCaller();
            }
            if (input.isEmpty() && closed != null && !inputEnded) {
                throw closedAlready(closed);
            }
            readerBusy = !input.isEmpty();
            return input.peekFirst();
        } finally {
            lock.unlock();
        }
    }

    private void consumed(PooledBuffer head) {
        boolean resume;
        lock.lock();
        try {
            readerBusy = false;
            if (!head.buffer().hasRemaining()) {
                inputBytes -= head.buffer().capacity();
                input.removeFirst().release();
            }
            dropUnreadInput();
            resume = inputPaused && inputBytes <= QUEUE_BYTES / 2;
            inputPaused &= !resume;
        } finally {
            lock.unlock();
        }
        if (resume) {
            onLoop(resumeTask);
        }
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        requireNotOnLoop();
        int total = src.remaining();
        while (src.hasRemaining()) {
            if (src.remaining() > SMALL_WRITE_BYTES || !addToLast(src)) {
                awaitRoom();
                enqueue(newPiece(src));
            }
        }
        return total;
    }

    /** Adds a small write to what waits, unless the loop is at it. Returns whether anything of it went there. */
    private boolean addToLast(ByteBuffer src) throws TransportException {
        lock.lock();
        try {
            requireWritable();
            if (output.size() < 2) {
                return false;
            }
            ByteBuffer last = output.peekLast().buffer();
            int n = Math.min(last.capacity() - last.limit(), src.remaining());
            int at = last.limit();
            last.limit(at + n).put(at, src, src.position(), n);
            src.position(src.position() + n);
            return n > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Of a small write with room for as much as waits already: more of its kind will follow. */
    private PooledBuffer newPiece(ByteBuffer src) throws TransportException {
        int wanted = src.remaining() > SMALL_WRITE_BYTES ? src.remaining() : Math.max(src.remaining(), queuedBytes());
        PooledBuffer piece = connection().loop().group().buffers().acquireUpTo(Math.min(wanted, PIECE_BYTES));
        ByteBuffer bytes = piece.buffer();
        int n = Math.min(bytes.remaining(), src.remaining());
        bytes.put(0, src, src.position(), n).limit(n);
        src.position(src.position() + n);
        return piece;
    }

    private int queuedBytes() {
        lock.lock();
        try {
            return outputBytes;
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() throws TransportException {
        lock.lock();
        try {
            while (outputBytes >= queueBytes() && closed == null && !outputEnding) {
                awaitOnce(outputChanged);
            }
            requireWritable();
        } finally {
            lock.unlock();
        }
    }

    private void enqueue(PooledBuffer piece) throws TransportException {
        boolean first;
        lock.lock();
        try {
            if (closed != null || outputEnding) {
                piece.release();
                requireWritable();
            }
            first = output.isEmpty();
            output.addLast(piece);
            outputBytes += piece.buffer().capacity();
        } finally {
            lock.unlock();
        }
        if (first) {
            onLoop(flushTask);
        }
    }

    private void requireWritable() throws TransportException {
        if (closed != null) {
            throw closedAlready(closed);
        }
        if (closing) {
            throw closedByCaller();
        }
        if (outputEnding) {
            throw new IllegalStateException(connection() + ": write after this side ended its output");
        }
    }

    @Override
    public void shutdownOutput() {
        lock.lock();
        try {
            outputEnding = true;
        } finally {
            lock.unlock();
        }
        onLoop(flushTask);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            outputEnding = true;
            inputUnwanted = true;
            dropUnreadInput();
            inputChanged.signalAll();
            outputChanged.signalAll();
        } finally {
            lock.unlock();
        }
        onLoop(this::beginClose);
    }

    /** After the caller's close nobody reads what came. The reader may be in the middle of a copy: then it does this. */
    private void dropUnreadInput() {
        if (inputUnwanted && !readerBusy) {
            input.forEach(PooledBuffer::release);
            input.clear();
        }
    }

    @Override
    public void abort() {
        lock.lock();
        try {
            inputUnwanted = true;
            dropUnreadInput();
        } finally {
            lock.unlock();
        }
        onLoop(() -> connection().abort(abortedByCaller()));
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return closed == null && !inputUnwanted;
        } finally {
            lock.unlock();
        }
    }

    /** While memory is scarce one small piece waits, so that there is some for every stream. */
    private int queueBytes() {
        return connection().loop().group().buffers().isUnderPressure() ? BufferPool.SCANT_BYTES : QUEUE_BYTES;
    }

    /** Waits once; callers hold the lock and loop over their condition. */
    @SuppressWarnings("WaitNotInLoop")
    private void awaitOnce(Condition condition) throws TransportException {
        if (closing) {
            throw closedByCaller();
        }
        try {
            condition.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
            throw interrupted(e);
        }
    }

    private void onLoop(Runnable task) {
        if (!connection().loop().post(task)) {
            // The loop has ended and has closed the connection with it; onClosed told us.
            LOG.log(System.Logger.Level.DEBUG, "the loop of {0} has ended", connection());
        }
    }

    // ---------------------------------------------------------------- loop

    @Override
    public void onReadable(Connection c) throws IOException {
        if (lingering.isPresent()) {
            lingering.get().onReadable(c);
            return;
        }
        PooledBuffer piece = c.loop().buffers().acquireUpTo(PIECE_BYTES);
        int n;
        try {
            n = c.read(piece.buffer());
        } catch (TransportException | RuntimeException e) {
            piece.release();
            throw e;
        }
        if (n <= 0) {
            piece.release();
        }
        boolean full;
        lock.lock();
        try {
            if (n > 0) {
                piece.buffer().flip();
                input.addLast(piece);
                inputBytes += piece.buffer().capacity();
                dropUnreadInput();
            } else if (n < 0) {
                inputEnded = true;
            }
            full = inputBytes >= queueBytes();
            inputPaused |= full;
            inputChanged.signal();
        } finally {
            lock.unlock();
        }
        if (full) {
            c.pauseReading();
        }
    }

    @Override
    public void onWritable(Connection c) {
        flush();
    }

    @Override
    public boolean usesThreads() {
        return true;
    }

    private void resume() {
        if (connection().state() != ConnectionState.CLOSED) {
            connection().resumeReading();
        }
    }

    /** Returns whether something that threads wrote still waits for the loop. */
    public boolean hasUnwritten() {
        lock.lock();
        try {
            return !output.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** What was written is still delivered, but a peer that does not read cannot keep the connection for ever. */
    private void beginClose() {
        flush();
        if (connection().state() != ConnectionState.CLOSED) {
            Timeout limit = connection().loop().schedule(CLOSE_LIMIT, this::closedTooLong);
            connection().whenClosed(cause -> limit.cancel());
        }
    }

    private void closedTooLong() {
        connection()
                .abort(new TransportException(
                        Reason.TIMEOUT,
                        connection() + ": closed, but the peer did not read the rest within " + CLOSE_LIMIT.toSeconds()
                                + " s"));
    }

    /** Writes what is queued, then ends or closes if that was asked for. */
    private void flush() {
        try {
            int written = 0;
            while (connection().state().isWritable()) {
                PooledBuffer head = firstOutput();
                if (head == null) {
                    break;
                }
                if (written >= FLUSH_BYTES) {
                    connection()
                            .loop()
                            .schedule(Duration.ZERO, flushTask); // a task would run before others get to read
                    return;
                }
                written += connection().write(head.buffer());
                if (head.buffer().hasRemaining()) {
                    return; // onWritable goes on
                }
                written(head);
            }
            finishOutput();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "writing to {0} failed; the threads were told by onClosed",
                    connection());
        }
    }

    private PooledBuffer firstOutput() {
        lock.lock();
        try {
            return output.peekFirst();
        } finally {
            lock.unlock();
        }
    }

    private void written(PooledBuffer head) {
        lock.lock();
        try {
            outputBytes -= head.buffer().capacity();
            output.removeFirst().release();
            outputChanged.signal();
        } finally {
            lock.unlock();
        }
    }

    private void finishOutput() throws IOException {
        boolean end;
        boolean close;
        lock.lock();
        try {
            boolean allWritten = output.isEmpty(); // else more came since we looked, and with it another flush
            end = allWritten && outputEnding && !outputEnded;
            close = allWritten && closing;
        } finally {
            lock.unlock();
        }
        if (close) {
            linger();
        } else if (end) {
            outputEnded = true;
            connection().shutdownOutput();
        }
    }

    /** All is written: waits for the peer to end too, so that what it still sends does not destroy what it has not yet read. */
    private void linger() throws IOException {
        if (!connection().state().isReadable()) {
            connection().close(); // nothing more can come
        } else if (lingering.isEmpty()) {
            ConnectionHandler last = LingeringClose.create();
            lingering = Optional.of(last);
            last.onAttached(connection());
            connection().resumeReading();
        }
    }

    @Override
    public void onClosed(Connection c, TransportException cause) {
        lock.lock();
        try {
            closed = cause;
            output.forEach(PooledBuffer::release);
            output.clear();
            outputBytes = 0;
            dropUnreadInput();
            inputChanged.signalAll();
            outputChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
