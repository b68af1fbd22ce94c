package dev.sluice.nio.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.PooledBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * One direction of a connection within the process: pooled buffers on their way from the loop of the writer to the loop of the
 * reader.
 *
 * <p><b>Threading:</b> {@link #write} and {@link #end} on the writer's loop, {@link #read} on the reader's; each end is told by the other
 * through its loop. {@link #closeReader} makes the writer fail.
 */
final class MemoryPipe {
    /** Memory that may be under way. Counted in whole buffers, so that many small writes cost no more than a large one. */
    private static final int CAPACITY_BYTES = 256 << 10;

    private static final int PIECE_BYTES = 64 << 10;
    /** The pool lends nothing smaller. */
    private static final int SMALLEST_BYTES = 1 << 10;

    /** Room for as many as can be under way. Both loops take from it once the reader has closed. */
    private final MpmcAtomicArrayQueue<PooledBuffer> buffers =
            new MpmcAtomicArrayQueue<>(CAPACITY_BYTES / SMALLEST_BYTES);

    private final AtomicInteger underWay = new AtomicInteger();

    private volatile MemoryConnection reader;
    private volatile MemoryConnection writer;
    private volatile boolean ended;
    private volatile boolean cut;
    private volatile boolean readerClosed;
    private volatile boolean writerWaits;
    /** The buffer that is being read; the reader's. */
    private PooledBuffer current;

    void attachReader(MemoryConnection connection) {
        reader = connection;
        if (cut) {
            connection.tellReset();
        }
    }

    void attachWriter(MemoryConnection connection) {
        writer = connection;
    }

    /** Takes what there is room for. */
    int write(ByteBuffer src) throws IOException {
        int total = 0;
        while (src.hasRemaining()) {
            requireReader();
            if (isFull()) {
                break;
            }
            PooledBuffer piece = writer.loop().buffers().acquireUpTo(Math.min(src.remaining(), PIECE_BYTES));
            ByteBuffer bytes = piece.buffer();
            int n = Math.min(bytes.remaining(), src.remaining());
            bytes.put(0, src, src.position(), n).limit(n);
            src.position(src.position() + n);
            underWay.addAndGet(bytes.capacity());
            buffers.add(piece); // throws if full, which isFull() rules out
            total += n;
        }
        if (total > 0) {
            dropIfReaderClosed();
            tellReader();
        }
        return total;
    }

    /** While memory is scarce one small piece is under way, so that there is some for every connection. */
    private boolean isFull() {
        boolean scarce = writer.loop().group().buffers().isUnderPressure();
        return underWay.get() >= (scarce ? BufferPool.SCANT_BYTES : CAPACITY_BYTES);
    }

    private void requireReader() throws IOException {
        if (readerClosed) {
            throw new IOException("Broken pipe: the peer has closed");
        }
    }

    /** Asks for the writer to be told of room. */
    void awaitRoom() {
        writerWaits = true;
        if (!isFull() || readerClosed) {
            tellWriter();
        }
    }

    void end() {
        ended = true;
        tellReader();
    }

    /** Reads as {@link dev.sluice.nio.Connection#read} does. */
    int read(ByteBuffer dst) {
        int total = 0;
        while (dst.hasRemaining() && hasCurrent()) {
            ByteBuffer bytes = current.buffer();
            int n = Math.min(bytes.remaining(), dst.remaining());
            int end = bytes.limit();
            dst.put(bytes.limit(bytes.position() + n));
            bytes.limit(end);
            total += n;
            if (!bytes.hasRemaining()) {
                releaseCurrent();
            }
        }
        if (writerWaits && underWay.get() <= CAPACITY_BYTES / 2) {
            tellWriter();
        }
        // The end was set after the last buffer was added: look for buffers once more after seeing it.
        return total == 0 && dst.hasRemaining() && ended && !hasCurrent() ? -1 : total;
    }

    private boolean hasCurrent() {
        if (current == null) {
            current = buffers.poll();
        }
        return current != null;
    }

    private void releaseCurrent() {
        underWay.addAndGet(-current.buffer().capacity());
        current.release();
        current = null;
    }

    boolean hasInput() {
        return current != null || ended || !buffers.isEmpty();
    }

    /** The reader is gone: what is under way is dropped, and the writer will fail. On the reader's loop. */
    void closeReader() {
        readerClosed = true;
        if (current != null) {
            releaseCurrent();
        }
        dropIfReaderClosed();
        if (writerWaits) {
            tellWriter();
        }
    }

    /** Both ends look after what they did last, so no buffer is left between them. */
    private void dropIfReaderClosed() {
        if (readerClosed) {
            for (PooledBuffer left = buffers.poll(); left != null; left = buffers.poll()) {
                left.release();
            }
        }
    }

    private void tellReader() {
        MemoryConnection told = reader;
        if (told != null) {
            told.tellReadable();
        }
    }

    private void tellWriter() {
        writerWaits = false;
        writer.tellWritable();
    }

    /** Tells the reader, now or when there is one, that the writer has cut the connection. Until it hears of it there is no end to read. */
    void reset() {
        cut = true;
        MemoryConnection told = reader;
        if (told != null) {
            told.tellReset();
        }
    }
}
