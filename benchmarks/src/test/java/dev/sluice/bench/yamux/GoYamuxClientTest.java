package dev.sluice.bench.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.Metric;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoYamuxClientTest {
    @Test
    void shouldReadCountsAndMicrosecondsWhenAFindingHasLatencies() throws IOException {
        Outcome outcome = GoYamuxClient.parse("""
                {"library":"hashicorp","windowBytes":262144,"case":"beside","streams":1,"writeBytes":65536,"count":9,"bytes":589824,
                "nanos":3000000,"latency":{"count":7,"p50Nanos":1500,"p90Nanos":2000,"p99Nanos":2500,"p999Nanos":3000,"maxNanos":4000}}
                """);

        assertThat(outcome)
                .isEqualTo(new Outcome(
                        9,
                        589_824,
                        3_000_000,
                        Map.of(
                                Metric.P50_MICROS, 1.5,
                                Metric.P90_MICROS, 2.0,
                                Metric.P99_MICROS, 2.5,
                                Metric.P999_MICROS, 3.0)));
    }

    @Test
    void shouldHaveNoLatenciesWhenAFindingHasNone() throws IOException {
        assertThat(GoYamuxClient.parse("{\"count\":2,\"bytes\":256,\"nanos\":1000}"))
                .isEqualTo(new Outcome(2, 256, 1000, Map.of()));
    }
}
