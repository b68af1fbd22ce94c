package dev.sluice.tls.internal;

import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/** Bytes that wait between two calls, in one pooled buffer no larger than they need; none while there are none. Owned by one thread. */
final class Held {
    /** Where buffers come from. */
    interface Lender {
        PooledBuffer acquire(int minCapacity) throws TransportException;
    }

    private PooledBuffer held;

    boolean isEmpty() {
        return held == null;
    }

    /** Returns the bytes, to look at or to consume; call {@link #trim} after consuming. */
    ByteBuffer bytes() {
        return held.buffer();
    }

    /** Copies what remains of {@code bytes}, if anything does; there must be nothing held. */
    void hold(ByteBuffer bytes, Lender lender) throws TransportException {
        if (bytes.hasRemaining()) {
            held = lender.acquire(bytes.remaining());
            held.buffer().put(bytes).flip();
        }
    }

    /** Takes over a buffer that is positioned at its bytes; there must be nothing held. */
    void hold(PooledBuffer bytes) {
        held = bytes;
        trim();
    }

    /**
     * Returns the buffer, positioned behind what it holds, with room for {@code bytes} more. Nothing else may be called until
     * {@link #filled} is.
     */
    ByteBuffer roomFor(int bytes, Lender lender) throws TransportException {
        int now = held == null ? 0 : held.buffer().remaining();
        if (held != null && held.buffer().capacity() >= now + bytes) {
            held.buffer().compact();
        } else {
            PooledBuffer larger = lender.acquire(now + bytes);
            if (held != null) {
                larger.buffer().put(held.buffer());
                held.release();
            }
            held = larger;
        }
        return held.buffer().limit(now + bytes);
    }

    /** What was put into {@link #roomFor}'s buffer is held, too. */
    void filled() {
        held.buffer().flip();
        trim();
    }

    /** Gives the bytes to another owner, and holds nothing any more. */
    Held takeAll() {
        Held taken = new Held();
        taken.held = held;
        held = null;
        return taken;
    }

    /** Moves what fits to {@code dst} and returns how much. */
    int moveTo(ByteBuffer dst) {
        if (held == null) {
            return 0;
        }
        ByteBuffer bytes = held.buffer();
        int n = Math.min(bytes.remaining(), dst.remaining());
        int end = bytes.limit();
        dst.put(bytes.limit(bytes.position() + n));
        bytes.limit(end);
        trim();
        return n;
    }

    /** Gives the buffer back if all its bytes are consumed. */
    void trim() {
        if (held != null && !held.buffer().hasRemaining()) {
            release();
        }
    }

    void release() {
        if (held != null) {
            PooledBuffer released = held;
            held = null;
            released.release();
        }
    }
}
