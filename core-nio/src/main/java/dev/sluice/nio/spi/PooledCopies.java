package dev.sluice.nio.spi;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Transfers through pooled memory: what works between any connection, file and connection. Loop-confined. */
final class PooledCopies {
    private static final int PIECE_BYTES = 256 << 10;

    private PooledCopies() {}

    /** Moves one piece; -1 at the end of the file. */
    static int fromFile(FileChannel src, long position, int count, AbstractConnection dst) throws IOException {
        PooledBuffer piece = dst.loop().buffers().acquireUpTo(Math.min(count, PIECE_BYTES));
        try {
            ByteBuffer bytes = piece.buffer();
            bytes.limit(Math.min(count, bytes.capacity()));
            return src.read(bytes, position) < 0 ? -1 : dst.writeSome(bytes.flip());
        } finally {
            piece.release();
        }
    }

    static long toFile(Connection src, FileChannel dst, long position, int count) throws IOException {
        PooledBuffer pooled = src.loop().buffers().acquireUpTo(Math.min(count, PIECE_BYTES));
        try {
            long moved = 0;
            while (moved < count) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit((int) Math.min(bytes.capacity(), count - moved));
                int n = src.read(bytes);
                if (n <= 0) {
                    return moved == 0 ? n : moved;
                }
                bytes.flip();
                while (bytes.hasRemaining()) {
                    moved += dst.write(bytes, position + moved);
                }
            }
            return moved;
        } finally {
            pooled.release();
        }
    }

    /**
     * Moves one piece. What {@code dst} does not take, also when it fails, becomes unread again and reading is paused: asking
     * again every turn, without room, would be a spin.
     */
    static long toConnection(Connection src, Connection dst, int count, Unread unread) throws TransportException {
        if (dst.loop() != src.loop()) {
            throw new IllegalArgumentException(
                    src + " and " + dst + " live on different loops; connect both on one loop");
        }
        PooledBuffer pooled = src.loop().buffers().acquireUpTo(Math.min(count, PIECE_BYTES));
        boolean kept = false;
        try {
            ByteBuffer bytes = pooled.buffer();
            bytes.limit(Math.min(bytes.capacity(), count));
            int n = src.read(bytes);
            if (n <= 0) {
                return n;
            }
            bytes.flip();
            try {
                return dst.write(bytes);
            } finally {
                // A failure of dst may have closed src as well, in its onClosed: then there is nobody to keep bytes
                // for.
                if (bytes.hasRemaining() && src.state() != ConnectionState.CLOSED) {
                    kept = unread.keep(pooled);
                    src.pauseReading();
                }
            }
        } finally {
            if (!kept) {
                pooled.release();
            }
        }
    }
}
