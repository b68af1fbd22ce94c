package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutboundCreditTest {
    private static final int MAX = OutboundCredit.MAX_WAITING_BYTES;
    private static final int INITIAL = 65_535;

    private final OutboundCredit credit = new OutboundCredit();

    @Test
    void shouldPassASmallWindowOnAtOnce() {
        assertThat(credit.granted(100)).isTrue();
        assertThat(credit.take(0, MAX)).isEqualTo(100);
        assertThat(credit.take(0, MAX)).isZero();
    }

    @Test
    void shouldNeverLetMoreBeHandedOverThanMayWait() {
        assertThat(credit.granted(Integer.MAX_VALUE - INITIAL)).isTrue();
        long handedOver = 0;
        long waiting = 0;
        int allowed = INITIAL;
        for (int step = 0; step < 10_000; step++) {
            allowed += credit.take(waiting, MAX);
            assertThat(allowed + waiting).isLessThanOrEqualTo(MAX);
            int frame = Math.min(allowed, 16_384);
            credit.used(frame);
            allowed -= frame;
            waiting += frame;
            handedOver += frame;
            if (step % 7 == 0) {
                waiting /= 2; // the client reads now and then
            }
        }
        assertThat(handedOver).isGreaterThan(10L * MAX);
    }

    @Test
    void shouldPassOnNothingWhileTheClientDoesNotRead() {
        assertThat(credit.granted(Integer.MAX_VALUE - INITIAL)).isTrue();
        int allowed = INITIAL + credit.take(0, MAX);
        credit.used(allowed);
        assertThat(allowed).isEqualTo(MAX);
        assertThat(credit.take(MAX, MAX)).isZero();
        assertThat(credit.take(MAX - 1, MAX)).as("crumbs wait for more room").isZero();
        assertThat(credit.take(MAX / 2, MAX)).isEqualTo(MAX / 2);
    }

    @Test
    void shouldRefuseAWindowThatIsTooLarge() {
        assertThat(credit.granted(Integer.MAX_VALUE - INITIAL)).isTrue();
        assertThat(credit.granted(1)).isFalse();
    }

    @Test
    void shouldTakeAWindowUpAgainAsItIsUsed() {
        assertThat(credit.granted(Integer.MAX_VALUE - INITIAL)).isTrue();
        credit.used(10);
        assertThat(credit.granted(10)).isTrue();
        assertThat(credit.granted(1)).isFalse();
    }
}
