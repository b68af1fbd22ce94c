package dev.sluice.yamux.internal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Streams that all have the same time for something, in the order in which it ends for them. Confined to its session. */
final class DeadlineQueue {
    /** Later than any deadline. */
    static final long NEVER = Long.MAX_VALUE;

    private final long timeoutNanos;
    private final Map<YamuxStream, Long> deadlines = new LinkedHashMap<>();
    private long next = NEVER;

    /** Creates a queue; with a timeout of zero it stays empty. */
    DeadlineQueue(Duration timeout) {
        timeoutNanos = nanos(timeout);
    }

    /** Returns a duration in nanoseconds; one that is too long for them never ends. */
    static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(NEVER)) < 0 ? duration.toNanos() : NEVER;
    }

    /** Returns when a time that begins now is over. */
    static long after(long nowNanos, long timeoutNanos) {
        return timeoutNanos < NEVER - nowNanos ? nowNanos + timeoutNanos : NEVER;
    }

    /** Starts the time of a stream; if it runs already, that stays as it is. */
    void start(YamuxStream stream, long nowNanos) {
        if (timeoutNanos > 0) {
            deadlines.putIfAbsent(stream, after(nowNanos, timeoutNanos));
            lookForNext();
        }
    }

    void stop(YamuxStream stream) {
        if (deadlines.remove(stream) != null) {
            lookForNext();
        }
    }

    /** Takes a stream whose time is over; null if there is none. */
    YamuxStream pollExpired(long nowNanos) {
        if (next > nowNanos) {
            return null;
        }
        YamuxStream expired = deadlines.keySet().iterator().next();
        stop(expired);
        return expired;
    }

    /** Returns when the next time is over. */
    long next() {
        return next;
    }

    /** Once for each change, so that it costs nothing to ask. */
    private void lookForNext() {
        next = deadlines.isEmpty() ? NEVER : deadlines.values().iterator().next();
    }
}
