package dev.sluice.tls;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands still until it is told. */
final class SteppedClock extends Clock {
    private Instant now = Instant.parse("2025-01-01T00:00:00Z");
    private boolean broken;

    void breakDown(boolean newBroken) {
        broken = newBroken;
    }

    void step(Duration duration) {
        now = now.plus(duration);
    }

    @Override
    public Instant instant() {
        if (broken) {
            throw new IllegalStateException("from the clock");
        }
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }
}
