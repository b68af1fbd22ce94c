package dev.sluice.nio.spi;

import dev.sluice.nio.PooledBuffer;
import java.nio.ByteBuffer;

/** Bytes that were read and put back: the first that the next read gets. Owns one buffer at most. Loop-confined. */
final class Unread {
    private PooledBuffer held;

    boolean isEmpty() {
        return held == null;
    }

    /** Takes over a buffer, positioned at the bytes. */
    void put(PooledBuffer bytes) {
        held = bytes;
    }

    /** Steps back and takes {@code bytes}, if as many were taken of what is held. */
    boolean putBackInPlace(ByteBuffer bytes) {
        ByteBuffer rest = held.buffer();
        int n = bytes.remaining();
        if (rest.position() < n) {
            return false;
        }
        rest.position(rest.position() - n);
        rest.duplicate().put(bytes);
        return true;
    }

    /** Moves what fits to {@code dst}. */
    int take(ByteBuffer dst) {
        ByteBuffer bytes = held.buffer();
        int n = Math.min(bytes.remaining(), dst.remaining());
        dst.put(bytes.slice(bytes.position(), n));
        bytes.position(bytes.position() + n);
        if (!bytes.hasRemaining()) {
            drop();
        }
        return n;
    }

    /**
     * Takes back the rest of a piece that was read.
     *
     * @return whether the buffer is now held; if not, the piece was part of what is held and the buffer stays the caller's
     */
    boolean keep(PooledBuffer piece) {
        if (isEmpty()) {
            held = piece;
            return true;
        }
        held.buffer().position(held.buffer().position() - piece.buffer().remaining());
        return false;
    }

    /** Returns a copy of all, and forgets them. */
    ByteBuffer takeAll() {
        if (isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        ByteBuffer copy = ByteBuffer.allocate(held.buffer().remaining());
        copy.put(held.buffer()).flip();
        drop();
        return copy;
    }

    void drop() {
        if (held != null) {
            PooledBuffer dropped = held;
            held = null;
            dropped.release();
        }
    }
}
