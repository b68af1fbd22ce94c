package dev.sluice.bench.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void shouldTakeTheMiddleValueWhenTheirNumberIsOdd() {
        assertThat(Spread.of(9, 1, 2)).isEqualTo(new Spread(2, 1, 9));
    }

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoWhenTheirNumberIsEven() {
        assertThat(Spread.of(4, 1, 2, 9)).isEqualTo(new Spread(3, 1, 9));
    }

    @Test
    void shouldShowTheMedianWithItsLimitsWhenFormatted() {
        assertThat(new Spread(181.26, 176, 184).format(1)).isEqualTo("181.3 [176.0-184.0]");
    }
}
