package dev.sluice.grpc.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Puts the pieces in which frames are written together into few writes: grpc-okhttp writes 8 KiB at a time and says when it is through.
 * Holds a pooled buffer between the first piece and the flush. For one thread at a time, but for {@link #discard}.
 */
final class GatheringOutput extends OutputStream {
    private static final int CAPACITY_BYTES = 64 << 10;

    private final ByteStream stream;
    /** Whoever takes it out owns it. */
    private final AtomicReference<PooledBuffer> gathered = new AtomicReference<>();

    private volatile boolean discarded;

    GatheringOutput(ByteStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        for (int done = 0; done < length; ) {
            PooledBuffer piece = gathered.getAndSet(null);
            if (piece == null) {
                piece = stream.connection().loop().group().buffers().acquireUpTo(CAPACITY_BYTES);
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

    private void keep(PooledBuffer piece) {
        gathered.set(piece);
        if (discarded) {
            discard();
        }
    }

    private void send(PooledBuffer piece) throws IOException {
        try {
            stream.write(piece.buffer().flip());
        } finally {
            piece.release();
        }
    }

    @Override
    public void flush() throws IOException {
        PooledBuffer piece = gathered.getAndSet(null);
        if (piece != null) {
            send(piece);
        }
    }

    /** What was not flushed is not sent any more. Any thread; never waits for a write. */
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
