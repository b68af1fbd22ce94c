package dev.sluice.yamux.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bytes in pooled memory, first in, first out. Many small additions share a piece, and pieces grow with what is held, so that memory stays
 * within about twice the bytes. Holds none while it is empty. Confined to its loop.
 */
final class ByteQueue {
    /** The pool lends nothing smaller. */
    private static final int SMALLEST_BYTES = 1 << 10;

    private final BufferPool.Cache pool;
    private final int largestBytes;
    /** Each from its position to its limit. */
    private final Deque<PooledBuffer> pieces = new ArrayDeque<>(2);

    private int bytes;

    /** Creates a queue of pieces up to {@code largestBytes} each. */
    ByteQueue(BufferPool.Cache pool, int largestBytes) {
        this.pool = pool;
        this.largestBytes = largestBytes;
    }

    int bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /**
     * Copies {@code count} bytes of {@code src}.
     *
     * @throws TransportException if the pool lends no more; what was copied before is held
     */
    void append(ByteBuffer src, int count) throws TransportException {
        int left = count;
        while (left > 0) {
            ByteBuffer last = pieces.isEmpty() ? null : pieces.peekLast().buffer();
            if (last == null || last.limit() == last.capacity()) {
                last = grow(left);
            }
            int at = last.limit();
            int n = Math.min(left, last.capacity() - at);
            last.limit(at + n).put(at, src, src.position(), n);
            src.position(src.position() + n);
            bytes += n;
            left -= n;
        }
    }

    private ByteBuffer grow(int wanted) throws TransportException {
        int size = Math.min(largestBytes, Math.max(SMALLEST_BYTES, Math.max(wanted, bytes)));
        PooledBuffer piece = pool.acquireUpTo(size);
        pieces.addLast(piece);
        return piece.buffer().limit(0);
    }

    /** Moves bytes to {@code dst}, as many as there are and fit. */
    int read(ByteBuffer dst) {
        int before = bytes;
        while (bytes > 0 && dst.hasRemaining()) {
            ByteBuffer first = pieces.peekFirst().buffer();
            int n = Math.min(first.remaining(), dst.remaining());
            dst.put(dst.position(), first, first.position(), n).position(dst.position() + n);
            first.position(first.position() + n);
            bytes -= n;
            releaseIfEmpty();
        }
        return before - bytes;
    }

    /** Returns how many bytes the first piece holds. */
    int firstBytes() {
        return pieces.peekFirst().buffer().remaining();
    }

    /** Moves bytes of the first piece, not more than it holds. */
    void copyFirst(int count, Outbox dst) {
        dst.copy(pieces.peekFirst().buffer(), count);
        bytes -= count;
        releaseIfEmpty();
    }

    /** Hands over the first piece, with all its bytes. */
    PooledBuffer takeFirst() {
        PooledBuffer first = pieces.removeFirst();
        bytes -= first.buffer().remaining();
        return first;
    }

    /** Lets all go. */
    void clear() {
        bytes = 0;
        for (PooledBuffer piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            piece.release();
        }
    }

    private void releaseIfEmpty() {
        if (!pieces.peekFirst().buffer().hasRemaining()) {
            pieces.removeFirst().release();
        }
    }
}
