package dev.sluice.bench.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Metric;
import io.grpc.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GrpcServersTest {
    private static final String ANY_PORT = "tcp://127.0.0.1:0";
    private static final Duration SHORT = Duration.ofMillis(20);

    static Stream<GrpcVariant> servers() {
        return Stream.of(GrpcPeer.values())
                .flatMap(peer -> Stream.of(ExecutorPolicy.values()).map(executor -> new GrpcVariant(peer, executor)));
    }

    private static MeasuredServer start(GrpcVariant server) throws IOException {
        return server.peer().start(ANY_PORT, server.executor());
    }

    @ParameterizedTest
    @MethodSource("servers")
    void shouldMeasureLatencyWhenOneCallFollowsTheOther(GrpcVariant variant) throws IOException {
        try (MeasuredServer server = start(variant);
                UnaryLoad load = new UnaryLoad(new GrpcClient(server.endpoint(), 1), 1)) {
            load.run(SHORT);

            assertThat(load.calls()).isPositive();
            assertThat(load.results(0))
                    .containsKeys(Metric.P50_MICROS, Metric.P99_MICROS)
                    .doesNotContainKey(Metric.CALLS_PER_SECOND)
                    .allSatisfy((metric, value) -> assertThat(value).isNotNegative());
        }
    }

    /** More calls than Sluice takes on a connection unless told otherwise. */
    @ParameterizedTest
    @MethodSource("servers")
    void shouldAnswerEveryCallWhenManyAreOpenOnFewConnections(GrpcVariant variant) throws IOException {
        int calls = 256;
        try (MeasuredServer server = start(variant);
                UnaryLoad load = new UnaryLoad(new GrpcClient(server.endpoint(), 2), calls)) {
            load.run(Duration.ZERO); // each caller makes a call, whatever the time
            assertThat(load.calls()).isEqualTo(calls);

            load.run(SHORT);
            assertThat(load.results(1).get(Metric.CALLS_PER_SECOND)).isPositive();
            assertThat(load.results(1).get(Metric.SERVER_SECONDS_PER_100K_CALLS))
                    .isEqualTo(1e5 / load.calls());
        }
    }

    @ParameterizedTest
    @MethodSource("servers")
    void shouldBringWholeStreamsWhenStreaming(GrpcVariant variant) throws IOException {
        try (MeasuredServer server = start(variant);
                StreamLoad load = new StreamLoad(new GrpcClient(server.endpoint(), 1))) {
            load.run(Duration.ZERO);
            assertThat(load.bytes()).isEqualTo((long) PayloadService.STREAMED_MESSAGES * PayloadService.STREAMED_BYTES);

            load.run(SHORT);
            assertThat(load.results(0).get(Metric.GIBIBYTES_PER_SECOND)).isPositive();
        }
    }

    @Test
    void shouldFailWhenNobodyAnswers() throws IOException {
        String gone;
        try (MeasuredServer server = start(new GrpcVariant(GrpcPeer.SLUICE, ExecutorPolicy.DIRECT))) {
            gone = server.endpoint();
        }
        try (UnaryLoad load = new UnaryLoad(new GrpcClient(gone, 1), 1)) {
            assertThatIOException().isThrownBy(() -> load.run(SHORT)).withCauseInstanceOf(StatusException.class);
        }
    }
}
