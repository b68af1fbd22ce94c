package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboundWindowTest {
    private static final int FRAME = 10_000;

    @ParameterizedTest
    @ValueSource(ints = {65_535, 1 << 20})
    void shouldFindNothingForgottenWhereAllIsRenewedAtHalf(int windowBytes) {
        InboundWindow window = new InboundWindow(windowBytes);
        window.renewed(windowBytes - 65_535);
        int unacknowledged = 0;
        for (int i = 0; i < 10_000; i++) {
            window.received(FRAME);
            unacknowledged += FRAME;
            if (unacknowledged >= windowBytes * 0.5f) {
                window.renewed(unacknowledged);
                unacknowledged = 0;
            }
            assertThat(window.forgotten()).isZero();
        }
    }

    @Test
    void shouldNeverGiveBackMoreThanWasTaken() {
        InboundWindow window = new InboundWindow(65_535);
        int outstanding = 0;
        for (int i = 0; i < 1000; i++) {
            window.received(FRAME);
            outstanding += FRAME;
            int forgotten = window.forgotten();
            window.renewed(forgotten);
            outstanding -= forgotten;
            assertThat(outstanding).isBetween(0, 65_535 - FRAME);
        }
    }
}
