package dev.sluice.nio;

import java.time.Duration;

/**
 * What a loop does when it has nothing to do: the trade of processor time for latency. Immutable.
 *
 * <p>A wake-up of a sleeping thread costs the kernel some 5 to 50 microseconds, part of which its waker pays. A loop that looks
 * again for a while before it sleeps answers without that, at the price of the processor time it spends looking.
 */
public final class IdleStrategy {
    private static final long LOOK_NANOS = 20_000;

    private static final IdleStrategy ADAPTIVE = new IdleStrategy(LOOK_NANOS, true, "adaptive");
    private static final IdleStrategy BLOCK = new IdleStrategy(0, false, "block");
    private static final IdleStrategy BUSY_SPIN = new IdleStrategy(Long.MAX_VALUE, false, "busy-spin");

    private final long spinNanos;
    private final boolean onlyForExpectedInput;
    private final String name;

    private IdleStrategy(long spinNanos, boolean onlyForExpectedInput, String name) {
        this.spinNanos = spinNanos;
        this.onlyForExpectedInput = onlyForExpectedInput;
        this.name = name;
    }

    /**
     * Sleep in the selector, but look again for 20 microseconds first where a protocol says that more input is due at once
     * ({@link EventLoop#expectInput}), as yamux does after each payload, and as long as that pays: after a look in vain the next
     * such wait goes without one, after two in a row the next three, then seven, up to 63. The default.
     */
    public static IdleStrategy adaptive() {
        return ADAPTIVE;
    }

    /** Sleep in the selector until something happens: no processor time is spent on waiting. */
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
        return new IdleStrategy(spin.toNanos(), false, "spin " + spin + " then block");
    }

    /** Never sleep. Takes a whole core for each loop, busy or not. */
    public static IdleStrategy busySpin() {
        return BUSY_SPIN;
    }

    /** How long to look again before sleeping: 0 for not at all, {@code Long.MAX_VALUE} for ever. */
    long spinNanos() {
        return spinNanos;
    }

    /** Whether to look again only where input is expected, and where that has paid. */
    boolean onlyForExpectedInput() {
        return onlyForExpectedInput;
    }

    @Override
    public String toString() {
        return name;
    }
}
