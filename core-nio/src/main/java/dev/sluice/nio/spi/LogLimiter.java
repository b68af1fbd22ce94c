package dev.sluice.nio.spi;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Logs what any peer can cause as often as it likes: one line a second at most, which says how many were left out. Thread-safe.
 */
public final class LogLimiter {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final Level level;
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong leftOut = new AtomicLong();

    /** Creates a limiter before a logger. */
    public LogLimiter(Logger log, Level level) {
        this.log = log;
        this.level = level;
    }

    /** Logs a line, or counts it. */
    public void log(String line) {
        log(line, null);
    }

    /** Logs a line with a failure, or counts it. */
    public void log(String line, Throwable failure) {
        long now = System.nanoTime();
        long next = nextNanos.get();
        if (now - next < 0 || !nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
            leftOut.incrementAndGet();
            return;
        }
        long more = leftOut.getAndSet(0);
        log.log(level, more == 0 ? line : line + " (and " + more + " like it)", failure);
    }
}
