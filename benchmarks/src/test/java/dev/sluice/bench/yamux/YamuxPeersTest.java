package dev.sluice.bench.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class YamuxPeersTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Path NO_PROGRAM = Path.of("");

    @TempDir
    private Path folder;

    static Stream<Arguments> everything() {
        return Stream.of(YamuxPeer.values())
                .filter(peer -> !peer.isGo())
                .flatMap(peer -> Stream.of(Window.values())
                        .flatMap(window -> window.tests().stream()
                                .filter(peer::takesPartIn)
                                .map(test -> Arguments.of(peer, window, test))));
    }

    @ParameterizedTest
    @MethodSource("everything")
    void shouldMeasureWhatATestAsksForWhenRunTwiceOnASession(YamuxPeer peer, Window window, YamuxTest test)
            throws IOException {
        try (MeasuredServer server = peer.start(Wire.TCP.endpoint(folder), window);
                YamuxClient client = peer.connect(server.endpoint(), window, NO_PROGRAM)) {
            client.run(test, SHORT);
            Outcome outcome = client.run(test, SHORT);

            assertThat(outcome.count()).isPositive();
            assertThat(outcome.bytes()).isEqualTo(outcome.count() * test.writeBytes());
            assertThat(outcome.latencies().containsKey(Metric.P99_MICROS))
                    .isEqualTo(test == YamuxTest.ECHO || test == YamuxTest.BESIDE);
            assertThat(test.results(outcome, 1))
                    .isNotEmpty()
                    .allSatisfy((metric, value) -> assertThat(value).isFinite().isPositive());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SLUICE", "SLUICE_THREADS", "BARE_CONNECTIONS"})
    void shouldMeasureOverAUnixSocketWhenAsked(YamuxPeer peer) throws IOException {
        String endpoint = Wire.UNIX.endpoint(folder.resolve("yamux.sock"));
        try (MeasuredServer server = peer.start(endpoint, Window.SMALL);
                YamuxClient client = peer.connect(server.endpoint(), Window.SMALL, NO_PROGRAM)) {
            assertThat(client.run(YamuxTest.BULK, Duration.ZERO).count())
                    .as("writes, of which one is made whatever the time")
                    .isPositive();
        }
    }
}
