package dev.sluice.bench.jmh;

import dev.sluice.nio.IdleStrategy;
import java.time.Duration;

/** The idle strategies that benchmarks compare. */
public enum Idle {
    /** Sleeps at once. */
    BLOCK,
    /** Looks again for 20 microseconds. */
    SPIN,
    /** Never sleeps. */
    BUSY;

    IdleStrategy strategy() {
        return switch (this) {
            case BLOCK -> IdleStrategy.block();
            case SPIN -> IdleStrategy.spinThenBlock(Duration.ofNanos(20_000));
            case BUSY -> IdleStrategy.busySpin();
        };
    }
}
