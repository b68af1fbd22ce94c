package dev.sluice.nio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A direct buffer on loan from a {@link BufferPool}. It has one owner at a time; handing it to somebody hands over the duty to
 * release it, also when what they do with it fails.
 *
 * <p><b>Threading:</b> one thread at a time; the pool takes care of a release on another thread than the acquiring one.
 */
public final class PooledBuffer {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(PooledBuffer.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int FREE = 0;
    private static final int LENT = 1;

    private final ByteBuffer memory;
    private final int sizeClass;
    private BufferPool.Cache home;

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    PooledBuffer(ByteBuffer memory, int sizeClass) {
        this.memory = memory;
        this.sizeClass = sizeClass;
    }

    /**
     * Returns the memory: direct, big-endian, cleared when it was acquired. Not to be used after {@link #release()}.
     *
     * @throws IllegalStateException if this was released
     */
    public ByteBuffer buffer() {
        if ((int) STATE.getOpaque(this) != LENT) {
            throw new IllegalStateException("use of a pooled buffer after its release");
        }
        return memory;
    }

    /**
     * Gives the memory back.
     *
     * @throws IllegalStateException if this was released before, and not lent to somebody else since: then that one loses it
     */
    public void release() {
        if (!STATE.compareAndSet(this, LENT, FREE)) {
            throw new IllegalStateException("second release of a pooled buffer");
        }
        home.takeBack(this);
    }

    int capacity() {
        return memory.capacity();
    }

    int sizeClass() {
        return sizeClass;
    }

    void lendFrom(BufferPool.Cache cache) {
        home = cache;
        memory.clear();
        STATE.setOpaque(this, LENT);
    }
}
