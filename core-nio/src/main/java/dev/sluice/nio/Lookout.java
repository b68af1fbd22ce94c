package dev.sluice.nio;

import java.util.concurrent.atomic.AtomicLong;

/**
 * For how long a loop looks again before it sleeps: by its strategy, and by what looking has brought so far. Loop-confined, but for the
 * counter.
 */
final class Lookout {
    private static final int MOST_PASSED_OVER = 63;

    private final IdleStrategy strategy;
    private final AtomicLong looks = new AtomicLong();
    private boolean inputExpected;
    /** Waits for expected input that are still to go without a look. */
    private int toPassOver;
    /** How many went without after the last look in vain; 0 once one has paid. */
    private int passedOver;

    Lookout(IdleStrategy strategy) {
        this.strategy = strategy;
    }

    /** More input is due at once. Holds for the next wait. */
    void expectInput() {
        inputExpected = true;
    }

    /** Begins a wait: returns for how many nanoseconds to look first, 0 for not at all. */
    long begin() {
        boolean expected = inputExpected;
        inputExpected = false;
        if (strategy.onlyForExpectedInput() && !(expected && isWorthALook())) {
            return 0;
        }
        if (strategy.spinNanos() > 0) {
            looks.lazySet(looks.get() + 1);
        }
        return strategy.spinNanos();
    }

    private boolean isWorthALook() {
        if (toPassOver == 0) {
            return true;
        }
        toPassOver--;
        return false;
    }

    /** The look found what the loop would have had to be woken for. */
    void paid() {
        passedOver = 0;
    }

    /** The look found nothing. */
    void wasInVain() {
        passedOver = Math.min(MOST_PASSED_OVER, 2 * passedOver + 1);
        toPassOver = passedOver;
    }

    /** Returns how many waits began with a look. Any thread. */
    long looks() {
        return looks.get();
    }
}
