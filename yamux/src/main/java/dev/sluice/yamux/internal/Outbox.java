package dev.sluice.yamux.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Frames that are committed, as pieces of memory for one gathering write: runs of headers with small payloads between them, and larger
 * payloads as they are.
 *
 * <pre>
 *  +-----------------------------------+---------------------+---------------+---------------------+--- - -
 *  | header, header, header + payload, | payload of a stream | header        | payload             |
 *  | header                            |                     |               |                     |
 *  +-----------------------------------+---------------------+---------------+---------------------+--- - -
 *    a run: owned                        owned, or a caller's  a run
 * </pre>
 *
 * <p>At most one piece is a caller's: what the connection did not take of it is copied before {@link #write} returns. Holds no
 * memory while it is empty. Confined to its loop.
 */
final class Outbox implements FrameSink {
    private static final Logger LOG = System.getLogger(Outbox.class.getName());

    /** One write: as much as goes to the kernel in one call before others on the loop have their turn. */
    private static final int BATCH_BYTES = 256 << 10;

    /** Beyond this only what the last frame still takes. */
    private static final int MAX_PIECES = 64;

    private static final int RUN_BYTES = 1 << 10;
    /** Payload up to this is copied behind its header: cheaper than a piece of its own. */
    private static final int SMALL_BYTES = 512;

    private static final int FIRST_PIECES = 8;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BufferPool.Cache pool;
    private ByteBuffer[] pieces = new ByteBuffer[FIRST_PIECES];
    /** Of each piece; null for one of the heap, or a caller's. */
    private PooledBuffer[] owners = new PooledBuffer[FIRST_PIECES];

    private int first;
    private int end;
    private int borrowedAt = -1;
    /** Whether the last piece is a run that may be added to. */
    private boolean inRun;

    private long bytes;

    Outbox(BufferPool.Cache pool) {
        this.pool = pool;
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Returns whether one more step of the session fits. */
    boolean hasRoom() {
        return bytes < BATCH_BYTES && end < MAX_PIECES;
    }

    @Override
    public void header(FrameType type, int flags, long streamId, long length) {
        ByteBuffer run = runFor(Frame.HEADER_BYTES);
        int start = run.position();
        int at = run.limit();
        run.limit(at + Frame.HEADER_BYTES).position(at);
        Frame.encode(run, type, flags, streamId, length);
        run.position(start);
        bytes += Frame.HEADER_BYTES;
    }

    @Override
    public void payload(YamuxStream stream, int count) {
        StreamConnection.of(stream).giveOutput(count, this);
    }

    /** Adds a piece whole; it is this one's from here on. */
    void add(PooledBuffer piece) {
        int count = piece.buffer().remaining();
        if (count <= SMALL_BYTES) {
            copy(piece.buffer(), count);
            piece.release();
        } else {
            append(piece.buffer(), piece);
        }
    }

    /** Adds {@code count} bytes of {@code src}, copied. */
    void copy(ByteBuffer src, int count) {
        ByteBuffer run = runFor(count);
        int at = run.limit();
        run.limit(at + count).put(at, src, src.position(), count);
        src.position(src.position() + count);
        bytes += count;
    }

    /** Adds a caller's bytes, from position to limit, until {@link #write} returns. */
    void borrow(ByteBuffer src) {
        borrowedAt = end;
        append(src, null);
    }

    /** Returns whether a caller's bytes may be added, and are worth a piece of their own. */
    boolean takesBorrowed(int count) {
        return borrowedAt < 0 && count > SMALL_BYTES;
    }

    /**
     * Writes what there is, and keeps what was not taken.
     *
     * @return bytes that were taken
     */
    long write(Connection connection) throws TransportException {
        long n = connection.write(pieces, first, end - first);
        bytes -= n;
        while (first < end && !pieces[first].hasRemaining()) {
            release(first++);
        }
        if (isEmpty()) {
            reset();
        } else if (borrowedAt >= first) {
            keepBorrowed();
        }
        borrowedAt = -1;
        return n;
    }

    /** Lets all go: nothing will be written any more. */
    void clear() {
        while (first < end) {
            release(first++);
        }
        reset();
        borrowedAt = -1;
    }

    private void reset() {
        first = 0;
        end = 0;
        bytes = 0;
        inRun = false;
    }

    private void release(int at) {
        PooledBuffer owner = owners[at];
        owners[at] = null;
        pieces[at] = null;
        if (owner != null) {
            owner.release();
        }
    }

    private void append(ByteBuffer piece, PooledBuffer owner) {
        if (end == pieces.length) {
            pieces = Arrays.copyOf(pieces, 2 * end);
            owners = Arrays.copyOf(owners, 2 * end);
        }
        pieces[end] = piece;
        owners[end] = owner;
        end++;
        inRun = false;
        bytes += piece.remaining();
    }

    /** Returns the last piece, with room for {@code count} bytes behind its limit. */
    private ByteBuffer runFor(int count) {
        if (!inRun || pieces[end - 1].capacity() - pieces[end - 1].limit() < count) {
            append(NOTHING, null);
            allocate(end - 1, Math.max(count, RUN_BYTES)).limit(0);
            inRun = true;
        }
        return pieces[end - 1];
    }

    private void keepBorrowed() {
        ByteBuffer src = pieces[borrowedAt];
        int count = src.remaining();
        allocate(borrowedAt, count).put(0, src, src.position(), count).limit(count);
        src.position(src.limit());
        inRun = false;
    }

    /** Puts empty memory in a piece's place. What is committed has to be written: when the pool lends no more it is the heap's. */
    private ByteBuffer allocate(int at, int count) {
        try {
            owners[at] = pool.acquire(count);
            pieces[at] = owners[at].buffer();
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, "the pool lends no more: {0}", e.getMessage());
            pieces[at] = ByteBuffer.allocate(count);
        }
        return pieces[at];
    }
}
