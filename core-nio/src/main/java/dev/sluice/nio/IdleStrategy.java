package dev.sluice.nio;

import java.time.Duration;

/**
 * What a loop does when it has nothing to do: the trade of processor time for latency. Immutable.
 *
 * <p>A wake-up of a sleeping thread costs the kernel some 5 to 50 microseconds. A loop that looks again for a while before
 * it sleeps answers without that, at the price of the processor time it spends looking.
 */
public final class IdleStrategy {
    private static final IdleStrategy BLOCK = new IdleStrategy(0, "block");
    private static final IdleStrategy BUSY_SPIN = new IdleStrategy(Long.MAX_VALUE, "busy-spin");

    private final long spinNanos;
    private final String name;

    private IdleStrategy(long spinNanos, String name) {
        this.spinNanos = spinNanos;
        this.name = name;
    }

    /** Sleep in the selector until something happens. The default: no processor time is spent on waiting. */
    public static IdleStrategy block() {
        return BLOCK;
    }

    /**
     * Look again for {@code spin}, then sleep.
     *
     * @param spin more than zero; 20 microseconds is a good start
     */
    public static IdleStrategy spinThenBlock(Duration spin) {
        if (spin.isNegative() || spin.isZero()) {
            throw new IllegalArgumentException("spin must be more than zero, is " + spin);
        }
        return new IdleStrategy(spin.toNanos(), "spin " + spin + " then block");
    }

    /** Never sleep. Takes a whole core for each loop, busy or not. */
    public static IdleStrategy busySpin() {
        return BUSY_SPIN;
    }

    /** How long to look again before sleeping: 0 for not at all, {@code Long.MAX_VALUE} for ever. */
    long spinNanos() {
        return spinNanos;
    }

    @Override
    public String toString() {
        return name;
    }
}
