package dev.sluice.cli.files;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Counts calls under way, so that somebody can wait for the last. Thread-safe. */
final class ActiveCalls {
    private int count;

    synchronized void begin() {
        count++;
    }

    synchronized void end() {
        if (--count == 0) {
            notifyAll();
        }
    }

    /** Returns whether there was a moment without calls within the limit; false also when interrupted, and the flag is set then. */
    synchronized boolean awaitNone(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (count > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
