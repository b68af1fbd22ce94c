package dev.sluice.yamux.internal;

/**
 * How much the windows of all streams of a session let the peer make this side hold. A new stream may use all of it; growth of
 * windows stops at three quarters, so that streams in a hurry do not keep new ones out. Confined to its session.
 */
final class MemoryBudget {
    private final long limitBytes;
    private long reservedBytes;

    MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes the first window of a stream. */
    boolean tryReserve(long bytes) {
        return tryTake(bytes, limitBytes);
    }

    /** Takes what a window shall grow by. */
    boolean tryGrow(long bytes) {
        return tryTake(bytes, limitBytes - limitBytes / 4);
    }

    void release(long bytes) {
        reservedBytes -= bytes;
    }

    long reservedBytes() {
        return reservedBytes;
    }

    private boolean tryTake(long bytes, long limit) {
        if (reservedBytes + bytes > limit) {
            return false;
        }
        reservedBytes += bytes;
        return true;
    }
}
