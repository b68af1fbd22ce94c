package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LookoutTest {
    private static final long LOOK_NANOS = 20_000;

    private final Lookout adaptive = new Lookout(IdleStrategy.adaptive());

    private static long expectAndBegin(Lookout lookout) {
        lookout.expectInput();
        return lookout.begin();
    }

    private int waitsUntilNextLook() {
        int waits = 1;
        while (expectAndBegin(adaptive) == 0) {
            waits++;
            assertThat(waits).isLessThan(1000);
        }
        return waits;
    }

    @Test
    void shouldLookForTheNextWaitOnlyWhenInputIsExpected() {
        assertThat(adaptive.begin()).isZero();
        assertThat(expectAndBegin(adaptive)).isEqualTo(LOOK_NANOS);
        assertThat(adaptive.begin()).isZero();
        assertThat(adaptive.looks()).isEqualTo(1);
    }

    @Test
    void shouldPassOverMoreAndMoreWaitsWhileLooksAreInVain() {
        assertThat(waitsUntilNextLook()).isEqualTo(1);
        for (int passedOver : new int[] {1, 3, 7, 15, 31, 63, 63}) {
            adaptive.wasInVain();
            assertThat(waitsUntilNextLook()).isEqualTo(passedOver + 1);
        }
    }

    @Test
    void shouldLookEveryTimeOnceOneHasPaid() {
        for (int i = 0; i < 10; i++) {
            waitsUntilNextLook();
            adaptive.wasInVain();
        }
        waitsUntilNextLook();
        adaptive.paid();
        assertThat(waitsUntilNextLook()).isEqualTo(1);
        adaptive.wasInVain();
        assertThat(waitsUntilNextLook()).isEqualTo(2);
    }

    @Test
    void shouldNotCountWaitsWithoutExpectationAsPassedOver() {
        waitsUntilNextLook();
        adaptive.wasInVain();
        for (int i = 0; i < 10; i++) {
            assertThat(adaptive.begin()).isZero();
        }
        assertThat(waitsUntilNextLook()).isEqualTo(2);
    }

    @Test
    void shouldDoAsOtherStrategiesSayWhateverLooksBring() {
        Lookout spinning = new Lookout(IdleStrategy.spinThenBlock(Duration.ofNanos(5)));
        Lookout blocking = new Lookout(IdleStrategy.block());
        for (int i = 0; i < 3; i++) {
            assertThat(spinning.begin()).isEqualTo(5);
            spinning.wasInVain();
            assertThat(expectAndBegin(blocking)).isZero();
        }
        assertThat(spinning.looks()).isEqualTo(3);
        assertThat(blocking.looks()).isZero();
    }
}
