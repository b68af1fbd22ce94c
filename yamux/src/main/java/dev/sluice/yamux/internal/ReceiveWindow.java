package dev.sluice.yamux.internal;

import dev.sluice.yamux.YamuxConfig;

/**
 * What a peer may still send on one stream, and when it is told of more. Bytes count from the header that announces them until the
 * application has read them; credit is given for bytes that were read only, and when that is half the window or more.
 *
 * <pre>
 *  |&lt;-------------------------- size --------------------------&gt;|
 *  +-----------------------+-----------------+------------------+
 *  | unread                | available       | credit           |
 *  +-----------------------+-----------------+------------------+
 *  announced, not yet read   not yet granted   the peer may send
 * </pre>
 *
 * <p>The window of a stream that is read faster than 64 KiB in a round trip doubles at each update, within its maximum and the session's memory.
 */
final class ReceiveWindow {
    private static final int START = YamuxConfig.PROTOCOL_WINDOW_BYTES;

    /** How many times the first window a window counts in the test for growth, at most. */
    private static final long MAX_SCALE = 64;

    private final MemoryBudget memory;
    private final long maxBytes;
    private long sizeBytes;
    private long creditBytes = START;
    private long unreadBytes;
    private long grantedAtNanos;
    private boolean ended;

    /** Creates a window over memory that its creator has reserved: {@code sizeBytes}. */
    ReceiveWindow(MemoryBudget memory, long sizeBytes, long maxBytes, long nowNanos) {
        this.memory = memory;
        this.sizeBytes = sizeBytes;
        this.maxBytes = maxBytes;
        this.grantedAtNanos = nowNanos;
    }

    /**
     * Counts bytes that the peer announces; after the {@linkplain #end end} nobody will read them.
     *
     * @return false if it may not send that many
     */
    boolean charge(long bytes) {
        if (bytes > creditBytes) {
            return false;
        }
        creditBytes -= bytes;
        unreadBytes += ended ? 0 : bytes;
        return true;
    }

    /**
     * Counts bytes that the application has read.
     *
     * @throws IllegalArgumentException if there were not that many
     */
    void read(long bytes) {
        if (bytes < 0 || bytes > unreadBytes) {
            throw new IllegalArgumentException(
                    "expected 0 to " + unreadBytes + " bytes to have been read, not " + bytes);
        }
        unreadBytes -= bytes;
        if (ended) {
            memory.release(bytes);
        }
    }

    /** Returns whether it is time to tell the peer of more credit. */
    boolean isUpdateDue() {
        return !ended && availableBytes() >= sizeBytes / 2;
    }

    /**
     * Doubles the window if half of it was read in less than two round trips for each first window that it holds. That is a pace, 64 KiB in
     * a round trip, which does not depend on the size.
     *
     * @return whether it has grown
     */
    boolean tune(long rttNanos, long nowNanos) {
        long scale = Math.min(MAX_SCALE, sizeBytes / START);
        long larger = Math.min(maxBytes, 2 * sizeBytes);
        boolean hurried = nowNanos - grantedAtNanos < 2 * rttNanos * scale;
        if (!hurried || larger == sizeBytes || !memory.tryGrow(larger - sizeBytes)) {
            return false;
        }
        sizeBytes = larger;
        return true;
    }

    /** Gives the peer all credit that there is, and returns how much: none after the {@linkplain #end end}. */
    long grant(long nowNanos) {
        long bytes = ended ? 0 : availableBytes();
        creditBytes += bytes;
        grantedAtNanos = nowNanos;
        return bytes;
    }

    /**
     * Gives no more credit, and keeps only the memory that unread bytes take: none if they are thrown away. May be called again, when
     * those are thrown away, too.
     */
    void end(boolean keepUnread) {
        long before = ended ? unreadBytes : sizeBytes;
        ended = true;
        if (!keepUnread) {
            unreadBytes = 0;
        }
        memory.release(before - unreadBytes);
    }

    long sizeBytes() {
        return sizeBytes;
    }

    long unreadBytes() {
        return unreadBytes;
    }

    long creditBytes() {
        return creditBytes;
    }

    private long availableBytes() {
        return sizeBytes - unreadBytes - creditBytes;
    }
}
