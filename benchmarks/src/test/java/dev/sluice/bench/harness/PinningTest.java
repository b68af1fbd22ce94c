package dev.sluice.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PinningTest {
    @Test
    void shouldReadTheKernelsListWhenItHasRanges() {
        assertThat(Pinning.parseCores("0-2,5,8-9")).containsExactly(0, 1, 2, 5, 8, 9);
    }
}
