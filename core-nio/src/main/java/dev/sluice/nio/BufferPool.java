package dev.sluice.nio;

import dev.sluice.nio.spi.LogLimiter;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Direct memory in size classes, for all loops of a group.
 *
 * <p>Every loop has a {@link Cache} of its own, which it uses without synchronisation; what a cache has too much of, and what
 * other threads release, goes through a bounded shared store. Sizes are powers of two from 1 KiB to 1 MiB; larger
 * requests are met exactly and not pooled. Addresses are multiples of 64.
 *
 * <p>Two caps: <i>pooled</i> is how much free memory is kept; what is released above it goes back to the JVM. <i>Outstanding</i>
 * is how much may be lent at a time; above it {@code acquire} fails with {@link Reason#LIMIT_EXCEEDED}, and
 * {@linkplain #isUnderPressure() before that}, at seven eighths, listeners stop accepting, and what can be done in small pieces is
 * ({@link #acquireUpTo}), until memory comes back.
 *
 * <p><b>Threading:</b> thread-safe. Leak tracking, when on, remembers where each buffer was acquired.
 */
public final class BufferPool {
    private static final LogLimiter WARNINGS =
            new LogLimiter(System.getLogger(BufferPool.class.getName()), Level.WARNING);

    static final int MIN_SIZE_SHIFT = 10;
    static final int MAX_SIZE_SHIFT = 20;
    static final int SIZE_CLASSES = MAX_SIZE_SHIFT - MIN_SIZE_SHIFT + 1;
    static final int UNPOOLED = -1;
    /** A line of the processor's cache: the kernel copies faster from and to the start of one. */
    static final int ALIGNMENT = 64;

    /** The size of a piece while memory is scarce. */
    public static final int SCANT_BYTES = 4 << 10;

    /** Free buffers that a cache keeps for itself per size class, in bytes. */
    private static final int CACHE_BYTES_PER_CLASS = 1 << 20;

    private static final int SHARED_SLOTS_PER_CLASS = 4096;

    private final long maxPooledBytes;
    private final long maxOutstandingBytes;
    private final MpmcAtomicArrayQueue<PooledBuffer>[] shared;
    private final AtomicLong pooledBytes = new AtomicLong();
    private final AtomicLong outstandingBytes = new AtomicLong();
    private final Map<PooledBuffer, Leak> tracked;
    private final boolean tracking;
    private final Cache anyThread = new Cache(null);

    private BufferPool(Builder builder) {
        maxPooledBytes = builder.maxPooledBytes;
        maxOutstandingBytes = builder.maxOutstandingBytes;
        tracking = builder.leakTracking;
        tracked = tracking ? new ConcurrentHashMap<>() : Map.of();
        shared = newStores();
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays cannot be generic
    private static MpmcAtomicArrayQueue<PooledBuffer>[] newStores() {
        MpmcAtomicArrayQueue[] stores = new MpmcAtomicArrayQueue[SIZE_CLASSES];
        for (int sizeClass = 0; sizeClass < SIZE_CLASSES; sizeClass++) {
            stores[sizeClass] = new MpmcAtomicArrayQueue<>(SHARED_SLOTS_PER_CLASS >> Math.min(sizeClass, 5));
        }
        return stores;
    }

    /** Returns a builder with the defaults: see its methods; leak tracking as {@code -Dsluice.leaks} says. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Lends a buffer of at least {@code minCapacity} bytes. Any thread may call this; loops use their {@link Cache}.
     *
     * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if that would lend more than the cap
     */
    public PooledBuffer acquire(int minCapacity) throws TransportException {
        return anyThread.acquire(minCapacity);
    }

    /** As {@link Cache#acquireUpTo}, for any thread. */
    public PooledBuffer acquireUpTo(int wanted) throws TransportException {
        return anyThread.acquireUpTo(wanted);
    }

    /** Returns how many bytes are lent now. */
    public long outstandingBytes() {
        return outstandingBytes.get();
    }

    /** Returns how many bytes lie here for the next borrower. */
    public long pooledBytes() {
        return pooledBytes.get();
    }

    /** Returns how many bytes may be lent at a time. */
    public long maxOutstandingBytes() {
        return maxOutstandingBytes;
    }

    /** Returns how many bytes are kept for the next borrower at most. */
    public long maxPooledBytes() {
        return maxPooledBytes;
    }

    /** Returns whether more than seven eighths of the outstanding cap are lent: time to take on nothing new. */
    public boolean isUnderPressure() {
        return isUnderPressureWith(0);
    }

    private boolean isUnderPressureWith(long more) {
        return outstandingBytes.get() + more > maxOutstandingBytes - maxOutstandingBytes / 8;
    }

    /** Returns where the buffers that are lent now were acquired; empty when leak tracking is off. */
    public List<Leak> outstanding() {
        return List.copyOf(tracked.values());
    }

    /** A new cache for {@code owner}, the only thread that may acquire from it. */
    Cache cacheFor(Thread owner) {
        return new Cache(owner);
    }

    static int sizeClassOf(int capacity) {
        if (capacity > 1 << MAX_SIZE_SHIFT) {
            return UNPOOLED;
        }
        int shift = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, capacity) - 1);
        return Math.max(0, shift - MIN_SIZE_SHIFT);
    }

    private PooledBuffer fromShared(int sizeClass, int capacity) throws TransportException {
        PooledBuffer pooled = sizeClass == UNPOOLED ? null : shared[sizeClass].poll();
        if (pooled != null) {
            pooledBytes.addAndGet(-capacity);
            return pooled;
        }
        try {
            return new PooledBuffer(allocate(capacity), sizeClass);
        } catch (OutOfMemoryError e) {
            outstandingBytes.addAndGet(-capacity);
            throw refusal(
                    "buffer pool: the JVM has no direct memory left for " + capacity
                            + " bytes (-XX:MaxDirectMemorySize; lend less with BufferPool.Builder.maxOutstandingBytes)",
                    e);
        }
    }

    /** What the JVM allocates begins anywhere. */
    private static ByteBuffer allocate(int capacity) {
        ByteBuffer memory = ByteBuffer.allocateDirect(capacity + ALIGNMENT);
        return memory.slice(ALIGNMENT - memory.alignmentOffset(0, ALIGNMENT), capacity);
    }

    private void toShared(PooledBuffer buffer) {
        if (buffer.sizeClass() == UNPOOLED) {
            return;
        }
        if (pooledBytes.addAndGet(buffer.capacity()) > maxPooledBytes || !shared[buffer.sizeClass()].offer(buffer)) {
            pooledBytes.addAndGet(-buffer.capacity());
        }
    }

    private void reserve(int capacity) throws TransportException {
        if (outstandingBytes.addAndGet(capacity) > maxOutstandingBytes) {
            outstandingBytes.addAndGet(-capacity);
            throw refusal(
                    "buffer pool: " + capacity + " bytes more would exceed the " + maxOutstandingBytes
                            + " bytes that may be lent (BufferPool.Builder.maxOutstandingBytes; by default it follows the"
                            + " largest heap, -Xmx)",
                    null);
        }
    }

    /** Logged, too, for the one who is refused is often not the one who can do something about it: a peer sees no more than a reset. */
    private TransportException refusal(String text, OutOfMemoryError cause) {
        WARNINGS.log(text);
        return new TransportException(Reason.LIMIT_EXCEEDED, text, cause);
    }

    /**
     * The part of a pool that one loop has for itself. {@link #acquire} is for that loop only; buffers may be released on any
     * thread.
     */
    public final class Cache {
        private final Thread owner;
        private final PooledBuffer[][] free = new PooledBuffer[SIZE_CLASSES][];
        private final int[] count = new int[SIZE_CLASSES];

        private Cache(Thread owner) {
            this.owner = owner;
            for (int sizeClass = 0; sizeClass < SIZE_CLASSES; sizeClass++) {
                free[sizeClass] = new PooledBuffer[CACHE_BYTES_PER_CLASS >> (sizeClass + MIN_SIZE_SHIFT)];
            }
        }

        /**
         * Lends a buffer of at least {@code minCapacity} bytes.
         *
         * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if that would lend more than the cap
         * @throws IllegalStateException if the caller is not the thread of this cache
         */
        public PooledBuffer acquire(int minCapacity) throws TransportException {
            if (minCapacity < 0) {
                throw new IllegalArgumentException("minCapacity must not be negative, is " + minCapacity);
            }
            boolean owned = owner == Thread.currentThread();
            if (owner != null && !owned) {
                throw new IllegalStateException("buffers of " + owner.getName() + " acquired by "
                        + Thread.currentThread().getName());
            }
            int sizeClass = sizeClassOf(minCapacity);
            int capacity = sizeClass == UNPOOLED ? minCapacity : 1 << (sizeClass + MIN_SIZE_SHIFT);
            reserve(capacity);
            PooledBuffer buffer = owned && sizeClass != UNPOOLED && count[sizeClass] > 0
                    ? pop(sizeClass)
                    : fromShared(sizeClass, capacity);
            buffer.lendFrom(this);
            if (tracking) {
                tracked.put(
                        buffer,
                        new Leak(buffer.capacity(), Thread.currentThread().getName()));
            }
            return buffer;
        }

        /**
         * Lends a buffer for work that can be done in pieces: of {@code wanted} bytes, or of {@link #SCANT_BYTES} if that
         * would bring the pool {@linkplain #isUnderPressure() under pressure}, so that much that is under way goes on slowly instead of some of it failing.
         *
         * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if not even that can be lent
         * @throws IllegalStateException if the caller is not the thread of this cache
         */
        public PooledBuffer acquireUpTo(int wanted) throws TransportException {
            return acquire(isUnderPressureWith(wanted) ? Math.min(wanted, SCANT_BYTES) : wanted);
        }

        private PooledBuffer pop(int sizeClass) {
            PooledBuffer buffer = free[sizeClass][--count[sizeClass]];
            free[sizeClass][count[sizeClass]] = null;
            pooledBytes.addAndGet(-buffer.capacity());
            return buffer;
        }

        /** Gives all that is kept to the shared store: the owner ends. On its thread, which acquires no more. */
        void retire() {
            for (int sizeClass = 0; sizeClass < SIZE_CLASSES; sizeClass++) {
                while (count[sizeClass] > 0) {
                    toShared(pop(sizeClass));
                }
                free[sizeClass] = new PooledBuffer[0];
            }
        }

        void takeBack(PooledBuffer buffer) {
            outstandingBytes.addAndGet(-buffer.capacity());
            if (tracking) {
                tracked.remove(buffer);
            }
            int sizeClass = buffer.sizeClass();
            boolean fits = owner == Thread.currentThread()
                    && sizeClass != UNPOOLED
                    && count[sizeClass] < free[sizeClass].length;
            if (fits && pooledBytes.get() + buffer.capacity() <= maxPooledBytes) {
                pooledBytes.addAndGet(buffer.capacity());
                free[sizeClass][count[sizeClass]++] = buffer;
            } else {
                toShared(buffer);
            }
        }
    }

    /** Where a buffer that is lent was acquired: the stack trace is that of the borrower. */
    public static final class Leak extends Throwable {
        private static final long serialVersionUID = 1L;

        Leak(int capacity, String thread) {
            super(capacity + " bytes acquired by " + thread + " and not released");
        }
    }

    /** Collects the settings of a pool. Not thread-safe. */
    public static final class Builder {
        /** What the JVM gives unless told otherwise. To ask would take its management interface. */
        private static final long DIRECT_MEMORY = Runtime.getRuntime().maxMemory();

        private long maxPooledBytes = Math.min(64L << 20, DIRECT_MEMORY / 8);
        private long maxOutstandingBytes = Math.max(1 << MAX_SIZE_SHIFT, Math.min(1L << 30, DIRECT_MEMORY / 4 * 3));
        private boolean leakTracking = "paranoid".equals(System.getProperty("sluice.leaks"));

        private Builder() {}

        /** Sets how much free memory is kept, at least 0. Default: 64 MiB, or an eighth of the largest heap if that is less. */
        public Builder maxPooledBytes(long bytes) {
            maxPooledBytes = atLeast(0, bytes, "maxPooledBytes");
            return this;
        }

        /**
         * Sets how much memory may be lent at a time, at least 1 MiB. Stay below {@code -XX:MaxDirectMemorySize}, which is as
         * large as the largest heap unless set. Default: 1 GiB, or three quarters of the largest heap if that is less.
         */
        public Builder maxOutstandingBytes(long bytes) {
            maxOutstandingBytes = atLeast(1 << MAX_SIZE_SHIFT, bytes, "maxOutstandingBytes");
            return this;
        }

        /** Sets whether to remember where each buffer was acquired. Costs a stack trace per acquisition. */
        public Builder leakTracking(boolean on) {
            leakTracking = on;
            return this;
        }

        /** Creates the pool. */
        public BufferPool build() {
            return new BufferPool(this);
        }

        private static long atLeast(long min, long value, String name) {
            if (value < min) {
                throw new IllegalArgumentException(name + " must be at least " + min + ", is " + value);
            }
            return value;
        }
    }
}
