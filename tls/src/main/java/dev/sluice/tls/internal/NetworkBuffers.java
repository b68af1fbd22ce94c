package dev.sluice.tls.internal;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Scratch buffers for ciphertext: borrowed for one call and given back before it returns, so a handful serve all connections. On
 * the heap or off it, whichever the provider's engine is faster with: the JDK's loses up to half its speed when the ciphertext
 * lies outside of the heap. Thread-safe.
 */
public final class NetworkBuffers {
    /** Arrays. */
    static final NetworkBuffers HEAP = new NetworkBuffers(ByteBuffer::allocate);
    /** Direct memory. */
    static final NetworkBuffers DIRECT = new NetworkBuffers(ByteBuffer::allocateDirect);

    /** Room for four records of the largest size: what one system call moves. */
    static final int BYTES = 4 * (17 << 10);

    private static final int KEPT = 64;

    private final MpmcAtomicArrayQueue<ByteBuffer> free = new MpmcAtomicArrayQueue<>(KEPT);

    private final IntFunction<ByteBuffer> allocator;

    private NetworkBuffers(IntFunction<ByteBuffer> allocator) {
        this.allocator = allocator;
    }

    /** Borrows a clear buffer. */
    ByteBuffer acquire() {
        ByteBuffer buffer = free.poll();
        return buffer == null ? allocator.apply(BYTES) : buffer.clear();
    }

    /** Gives a buffer back. */
    void release(ByteBuffer buffer) {
        free.offer(buffer); // more than are kept go to the collector
    }
}
