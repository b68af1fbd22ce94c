package dev.sluice.yamux.internal;

import dev.sluice.yamux.YamuxConfig;

/**
 * Own pings, of which at most one is under way: for callers, for the round-trip time, and to see whether a silent peer still lives.
 * Times are those of the session. Confined to its session.
 */
final class Heartbeat {
    private static final long UNKNOWN = -1;

    /** How long a measured round trip is good for. */
    private static final long MEASURE_NANOS = 10_000_000_000L;

    private final long intervalNanos;
    private final long keepAliveNanos;
    private final long pingNanos;

    private long nextValue;
    private boolean underWay;
    private boolean waitsForOutput;
    private long value;
    /** Where in all output the ping ends, until that is written. */
    private long endsAt = UNKNOWN;

    private long writtenAt = UNKNOWN;
    private long lostAt = DeadlineQueue.NEVER;
    private long lastAt = UNKNOWN;
    private long rttNanos = UNKNOWN;
    private long probeAt;
    private long deadAt = DeadlineQueue.NEVER;

    Heartbeat(YamuxConfig config) {
        intervalNanos = DeadlineQueue.nanos(config.keepAliveInterval());
        keepAliveNanos = DeadlineQueue.nanos(config.keepAliveTimeout());
        pingNanos = DeadlineQueue.nanos(config.pingTimeout());
        heard(0);
    }

    /** A complete frame came. */
    void heard(long now) {
        probeAt = intervalNanos > 0 ? DeadlineQueue.after(now, intervalNanos) : DeadlineQueue.NEVER;
        deadAt = DeadlineQueue.NEVER;
    }

    /** Lets a ping go out unless one is under way; returns whether it is to go out. */
    boolean request(long now) {
        if (underWay) {
            return false;
        }
        underWay = true;
        waitsForOutput = true;
        value = nextValue;
        nextValue = nextValue + 1 & Frame.MAX_UNSIGNED;
        lastAt = now;
        lostAt = DeadlineQueue.after(now, pingNanos);
        return true;
    }

    /** As {@link #request}, if what is known of the round-trip time is old, or nothing. */
    boolean requestIfStale(long now) {
        return (lastAt == UNKNOWN || now - lastAt >= MEASURE_NANOS) && request(now);
    }

    boolean waitsForOutput() {
        return waitsForOutput;
    }

    /** Returns the number of the ping that goes out now, and whose frame ends there in all output. */
    long handOut(long end) {
        waitsForOutput = false;
        endsAt = end;
        writtenAt = UNKNOWN;
        return value;
    }

    /** All output up to there was written. */
    void written(long upTo, long now) {
        if (endsAt != UNKNOWN && upTo >= endsAt) {
            endsAt = UNKNOWN;
            writtenAt = now;
        }
    }

    /** Returns whether this answers the ping that is under way. */
    boolean answered(long answer, long now) {
        if (!underWay || waitsForOutput || answer != value) {
            return false;
        }
        if (writtenAt != UNKNOWN) {
            long sample = now - writtenAt;
            rttNanos = rttNanos == UNKNOWN ? sample : (rttNanos + sample) / 2;
        }
        forget();
        return true;
    }

    /** Returns whether the ping that was under way is lost now. */
    boolean isLost(long now) {
        if (now < lostAt) {
            return false;
        }
        forget();
        return true;
    }

    /** Returns whether it is time to ask a silent peer for a sign of life; then it has begun to have time for that. */
    boolean isProbeDue(long now) {
        if (now < probeAt) {
            return false;
        }
        probeAt = DeadlineQueue.NEVER;
        deadAt = DeadlineQueue.after(now, keepAliveNanos);
        return true;
    }

    /** Returns whether the peer gave no sign of life in time. */
    boolean isPeerDead(long now) {
        return now >= deadAt;
    }

    /** Returns when one of the above is due. */
    long next() {
        return Math.min(lostAt, Math.min(probeAt, deadAt));
    }

    boolean isRttKnown() {
        return rttNanos != UNKNOWN;
    }

    long rttNanos() {
        return rttNanos;
    }

    /** Lets the ping go that is under way, if any: an answer to it is ignored. */
    void forget() {
        underWay = false;
        waitsForOutput = false;
        endsAt = UNKNOWN;
        lostAt = DeadlineQueue.NEVER;
    }
}
