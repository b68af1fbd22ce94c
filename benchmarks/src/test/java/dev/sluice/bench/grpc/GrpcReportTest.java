package dev.sluice.bench.grpc;

import static dev.sluice.bench.grpc.ExecutorPolicy.DEFAULT;
import static dev.sluice.bench.grpc.ExecutorPolicy.DIRECT;
import static dev.sluice.bench.grpc.GrpcPeer.NETTY;
import static dev.sluice.bench.grpc.GrpcPeer.OKHTTP;
import static dev.sluice.bench.grpc.GrpcPeer.SLUICE;
import static dev.sluice.bench.harness.Metric.CALLS_PER_SECOND;
import static dev.sluice.bench.harness.Metric.SERVER_LOAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class GrpcReportTest {
    private final GrpcResults results = new GrpcResults();
    private final GrpcReport report = new GrpcReport(Map.of("jdk", "some"), results);

    @Test
    void shouldCompareOnlyServersOfOneExecutor() {
        rounds(SLUICE, DIRECT, 1);
        rounds(NETTY, DIRECT, 1);
        rounds(OKHTTP, DEFAULT, 1);

        assertThat(results.references(new GrpcVariant(SLUICE, DIRECT))).containsExactly(new GrpcVariant(NETTY, DIRECT));
        assertThat(results.references(new GrpcVariant(OKHTTP, DEFAULT))).isEmpty();
        assertThat(results.references(new GrpcVariant(NETTY, DIRECT))).isEmpty();
    }

    @Test
    void shouldPrintRatiosRoundByRoundWhenReferencesTookPart() {
        rounds(NETTY, DEFAULT, 1_000, 2_000, 4_000);
        rounds(SLUICE, DEFAULT, 4_000, 4_000, 4_000);
        rounds(OKHTTP, DEFAULT, 2_000, 2_000, 2_000);

        assertThat(report.text().lines())
                .startsWith("jdk: some", "", "sluice, default: ratios to the same executor of")
                .anySatisfy(line -> assertThat(line).matches(" +better is +okhttp +netty"))
                .anySatisfy(line -> assertThat(line)
                        .matches("1 connection, 64 calls at a time, k calls/s +more"
                                + " +2\\.00 \\[2\\.00-2\\.00\\] +2\\.00 \\[1\\.00-4\\.00\\]"));
    }

    @Test
    void shouldPrintMediansAndNoRatiosWhenAServerIsAlone() {
        rounds(SLUICE, DEFAULT, 1_000, 3_000, 2_000);

        assertThat(report.text().lines())
                .noneSatisfy(line -> assertThat(line).contains("ratios to"))
                .anySatisfy(line -> assertThat(line).matches("sluice, default +2\\.0 \\[1\\.0-3\\.0\\] +0\\.50"));
    }

    private void rounds(GrpcPeer peer, ExecutorPolicy executor, double... callsPerSecond) {
        for (GrpcTest test : GrpcTest.values()) {
            for (double calls : callsPerSecond) {
                results.add(new GrpcVariant(peer, executor), test, Map.of(CALLS_PER_SECOND, calls, SERVER_LOAD, 0.5));
            }
        }
    }
}
