package dev.sluice.nio;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides for how long a loop polls its selector before it sleeps in it: by its strategy, and by what that has brought so far.
 *
 * <p>Such a look ends in one of three ways: it has found what would have taken a wake-up ({@link #paid}); it has found nothing until its
 * time was over ({@link #wasInVain}); or neither, since there was something at once or a timer came due: then nothing is learnt.
 *
 * <p>Loop-confined, but for the counters.
 */
final class Lookout {
    private static final int MAX_BACK_OFF = 63;

    private final IdleStrategy strategy;
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong looksPaid = new AtomicLong();
    private boolean inputExpected;
    /** Waits for expected input that go without a look after one in vain; 0 once one has paid. */
    private int backOff;
    /** How many of them are still to come. */
    private int toPassOver;

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
        backOff = 0;
        looksPaid.lazySet(looksPaid.get() + 1);
    }

    /** The look found nothing. */
    void wasInVain() {
        backOff = Math.min(MAX_BACK_OFF, 2 * backOff + 1);
        toPassOver = backOff;
    }

    /** Returns how many waits began with a look. Any thread. */
    long looks() {
        return looks.get();
    }

    /** Returns how many looks have paid. Any thread. */
    long looksPaid() {
        return looksPaid.get();
    }
}
