package dev.sluice.nio.spi;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Counts the bytes that moved, so that whoever looks now and then sees how many, and whether a connection stands still. Counting costs a
 * plain addition and an ordered store: directions are apart, because one thread reads and another writes, and each is the only one to
 * write its own count.
 *
 * <p>Thread-safe, with one reader and one writer at a time.
 */
final class Progress {
    private static final AtomicLongFieldUpdater<Progress> IN = AtomicLongFieldUpdater.newUpdater(Progress.class, "in");
    private static final AtomicLongFieldUpdater<Progress> OUT =
            AtomicLongFieldUpdater.newUpdater(Progress.class, "out");

    private volatile long in;
    private volatile long out;

    void movedIn(long bytes) {
        IN.lazySet(this, in + bytes);
    }

    void movedOut(long bytes) {
        OUT.lazySet(this, out + bytes);
    }

    long bytesIn() {
        return in;
    }

    long bytesOut() {
        return out;
    }
}
