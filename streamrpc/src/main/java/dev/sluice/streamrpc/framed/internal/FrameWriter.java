package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts the frames of one message into a pooled buffer, and that into as few writes as it takes. Whoever may write in between finds all frames that
 * were begun complete. One thread, one message.
 */
final class FrameWriter implements AutoCloseable {
    /** Enough to make system calls cheap beside the copying, and well within a core's cache. */
    static final int BUFFER_BYTES = 64 << 10;

    private static final int NONE = -1;

    private final MessageOutput output;
    private final ByteStream stream;
    private final ReentrantLock lock;
    private final PooledBuffer pooled;
    private final ByteBuffer buffer;
    /** Where the head of the frame stands that small pieces are gathered in. */
    private int open = NONE;

    /** @param expectedBytes a buffer of more than that is not needed */
    FrameWriter(MessageOutput output, int expectedBytes) throws TransportException {
        this.output = output;
        this.stream = output.stream();
        this.lock = output.lock();
        this.pooled = stream.connection().loop().group().buffers().acquireUpTo(Math.min(expectedBytes, BUFFER_BYTES));
        this.buffer = pooled.buffer();
    }

    /** Adds a message as a whole. As in the protocol's first implementation a full frame is never the last one. */
    void whole(FrameType type, byte[] message) throws TransportException {
        ByteBuffer rest = ByteBuffer.wrap(message);
        boolean last;
        do {
            int n = Math.min(rest.remaining(), FrameHead.MAX_PAYLOAD_BYTES);
            last = n < FrameHead.MAX_PAYLOAD_BYTES;
            frame(type, last, rest, n);
        } while (!last);
    }

    /** Adds a frame with the next {@code payloadBytes} of {@code source}. */
    void frame(FrameType type, boolean last, ByteBuffer source, int payloadBytes) throws TransportException {
        closeOpen(false);
        if (buffer.remaining() >= FrameHead.BYTES + payloadBytes) {
            FrameHead.put(buffer, type, last, payloadBytes);
            put(source, payloadBytes);
            return;
        }
        lock.lock();
        try {
            head(type, last, payloadBytes);
            for (int left = payloadBytes; left > 0; ) {
                if (!buffer.hasRemaining()) {
                    flushBuffer();
                }
                int n = Math.min(left, buffer.remaining());
                put(source, n);
                left -= n;
            }
            flushBuffer();
        } finally {
            lock.unlock();
        }
    }

    private void put(ByteBuffer source, int bytes) {
        buffer.put(source.slice(source.position(), bytes));
        source.position(source.position() + bytes);
    }

    /** Adds a frame with a range of a file; returns less than {@code payloadBytes} if that ends too early, and the frame lacks the rest then. */
    long file(boolean last, FileChannel file, long position, int payloadBytes, boolean fillUp)
            throws TransportException {
        closeOpen(false);
        lock.lock();
        try {
            head(FrameType.DATA, last, payloadBytes);
            flushBuffer();
            long sent = output.transferFrom(file, position, payloadBytes);
            for (long left = payloadBytes - sent; fillUp && left > 0; ) {
                buffer.clear().limit((int) Math.min(left, buffer.capacity()));
                while (buffer.hasRemaining()) {
                    buffer.put((byte) 0);
                }
                left -= buffer.position();
                flushBuffer();
            }
            return sent;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a frame without payload. */
    void head(FrameType type, boolean last) throws TransportException {
        closeOpen(false);
        head(type, last, 0);
    }

    private void head(FrameType type, boolean last, int payloadBytes) throws TransportException {
        if (buffer.remaining() < FrameHead.BYTES) {
            flushBuffer();
        }
        FrameHead.put(buffer, type, last, payloadBytes);
    }

    /** Adds data to the frame that gathers small pieces; they have at most a quarter of the buffer, which may have shrunk under pressure. */
    boolean gather(ByteBuffer source) throws TransportException {
        int bytes = source.remaining();
        if (bytes > buffer.capacity() / 4) {
            return false;
        }
        if (buffer.remaining() < FrameHead.BYTES + bytes) {
            flush();
        }
        if (open == NONE) {
            open = buffer.position();
            buffer.position(open + FrameHead.BYTES);
        }
        put(source, bytes);
        return true;
    }

    /** Ends the frame that gathers, if there is one; returns whether there was. */
    boolean closeOpen(boolean last) {
        if (open == NONE) {
            return false;
        }
        int end = buffer.position();
        buffer.position(open);
        FrameHead.put(buffer, FrameType.DATA, last, end - open - FrameHead.BYTES);
        buffer.position(end);
        open = NONE;
        return true;
    }

    /** Writes what there is. */
    void flush() throws TransportException {
        closeOpen(false);
        lock.lock();
        try {
            flushBuffer();
        } finally {
            lock.unlock();
        }
    }

    private void flushBuffer() throws TransportException {
        if (buffer.position() == 0) {
            return;
        }
        lock.lock();
        try {
            output.write(buffer.flip());
        } finally {
            lock.unlock();
        }
        buffer.clear();
    }

    /** Gives the buffer back; what was not flushed is not written. */
    @Override
    public void close() {
        pooled.release();
    }

    /** Cuts the connection: a frame lacks its rest. */
    void cut() {
        stream.abort();
    }
}
