package dev.sluice.grpc.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Copies each piece that grpc-okhttp writes into a pooled buffer and writes it at once, for not all of them are followed by a flush.
 *
 * <p>Another thread may end the output with a frame of its own, which then goes between two others. Thread-safe; who writes waits for
 * whoever else does.
 */
final class GatheringOutput extends OutputStream {
    private static final int CAPACITY_BYTES = 64 << 10;
    private static final byte[] NONE = {};

    private final ByteStream stream;
    private final FrameScanner frames;
    private final ReentrantLock lock = new ReentrantLock();
    /** Whoever takes it out owns it: it is also let go without the lock, which a blocked write may hold. */
    private final AtomicReference<PooledBuffer> gathered = new AtomicReference<>();

    private volatile boolean discarded;
    /** What is to go out at the end of the frame that is under way; guarded by the lock, as the next. */
    private byte[] farewell = NONE;

    private boolean ended;
    /** Bytes were lost: what came after them would be taken for something else. */
    private boolean broken;

    /**
     * @param preface bytes that are written before the first frame
     * @param frames told of each frame that is written
     */
    GatheringOutput(ByteStream stream, int preface, FrameScanner.Frames frames) {
        this.stream = stream;
        this.frames = new FrameScanner(preface, frames);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Drops the bytes if the output was ended. */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        lock.lock();
        try {
            for (int done = 0; done < length && !ended; ) {
                int n = frames.scan(bytes, offset + done, length - done);
                gather(bytes, offset + done, n);
                done += n;
                endBetweenFrames();
            }
            flush();
        } finally {
            lock.unlock();
        }
    }

    /** Sends {@code last} and ends the output once the frame under way is out, now or with its last bytes. */
    void endWith(byte[] last) throws IOException {
        lock.lock();
        try {
            farewell = last;
            endBetweenFrames();
        } finally {
            lock.unlock();
        }
    }

    private void endBetweenFrames() throws IOException {
        if (farewell.length > 0 && !ended && frames.isBetweenFrames()) {
            ended = true;
            gather(farewell, 0, farewell.length);
            flush();
            stream.shutdownOutput();
        }
    }

    private void gather(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            PooledBuffer piece = gathered.getAndSet(null);
            if (piece == null) {
                piece = acquire();
            }
            ByteBuffer buffer = piece.buffer();
            int n = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, offset + done, n);
            done += n;
            if (buffer.hasRemaining()) {
                keep(piece);
            } else {
                send(piece);
            }
        }
    }

    private PooledBuffer acquire() throws IOException {
        if (broken || discarded) {
            throw new IOException(stream.connection() + ": closed");
        }
        try {
            return stream.connection().loop().group().buffers().acquireUpTo(CAPACITY_BYTES);
        } catch (IOException e) {
            broken = true;
            stream.abort();
            throw e;
        }
    }

    private void keep(PooledBuffer piece) {
        gathered.set(piece);
        if (discarded) {
            discard();
        }
    }

    private void send(PooledBuffer piece) throws IOException {
        try {
            stream.write(piece.buffer().flip());
        } catch (IOException e) {
            broken = true;
            stream.abort();
            throw e;
        } finally {
            piece.release();
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            PooledBuffer piece = gathered.getAndSet(null);
            if (piece != null) {
                send(piece);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was not flushed is not sent any more. Never waits for a write. */
    void discard() {
        discarded = true;
        PooledBuffer piece = gathered.getAndSet(null);
        if (piece != null) {
            piece.release();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            flush();
        } finally {
            discarded = true;
            stream.close();
        }
    }
}
