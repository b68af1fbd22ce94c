package dev.sluice.bench.echo;

import static dev.sluice.bench.harness.Metric.ECHOES_PER_SECOND;
import static dev.sluice.bench.harness.Metric.P50_MICROS;
import static dev.sluice.bench.harness.Metric.SERVER_LOAD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.Spread;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EchoResultsTest {
    private final EchoResults results = new EchoResults();

    @Test
    void shouldCompareToTheReferenceWithTheBetterMedianWhenMoreIsBetter() {
        throughput(EchoPeer.NETTY_NIO, 100, 300, 200);
        throughput(EchoPeer.NETTY_EPOLL, 250, 210, 220);
        throughput(EchoPeer.SLUICE, 250, 420, 110);

        assertThat(results.reference(EchoTest.THROUGHPUT, ECHOES_PER_SECOND)).hasValue(EchoPeer.NETTY_EPOLL);
        assertThat(results.ratio(EchoPeer.SLUICE, EchoTest.THROUGHPUT, ECHOES_PER_SECOND))
                .hasValue(new Spread(1.0, 0.5, 2.0));
    }

    @Test
    void shouldCompareToTheReferenceWithTheBetterMedianWhenLessIsBetter() {
        results.add(EchoPeer.NETTY_NIO, EchoTest.LATENCY, Map.of(P50_MICROS, 40.0));
        results.add(EchoPeer.NETTY_EPOLL, EchoTest.LATENCY, Map.of(P50_MICROS, 50.0));
        results.add(EchoPeer.SLUICE_BUSY, EchoTest.LATENCY, Map.of(P50_MICROS, 10.0));

        assertThat(results.ratio(EchoPeer.SLUICE_BUSY, EchoTest.LATENCY, P50_MICROS))
                .hasValue(new Spread(0.25, 0.25, 0.25));
    }

    @Test
    void shouldHaveNoRatioWhenNoReferenceTookPart() {
        throughput(EchoPeer.SLUICE, 1);
        throughput(EchoPeer.NETTY_EPOLL_BUSY, 1);

        assertThat(results.ratio(EchoPeer.SLUICE, EchoTest.THROUGHPUT, ECHOES_PER_SECOND))
                .isEmpty();
    }

    @Test
    void shouldHaveNoRatioWhenTheMetricIsBackground() {
        results.add(EchoPeer.NETTY_NIO, EchoTest.LATENCY, Map.of(SERVER_LOAD, 1.0));

        assertThat(results.ratio(EchoPeer.NETTY_NIO, EchoTest.LATENCY, SERVER_LOAD))
                .isEmpty();
    }

    private void throughput(EchoPeer peer, double... rounds) {
        for (double round : rounds) {
            results.add(peer, EchoTest.THROUGHPUT, Map.of(ECHOES_PER_SECOND, round));
        }
    }
}
