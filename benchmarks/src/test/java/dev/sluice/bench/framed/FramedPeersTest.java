package dev.sluice.bench.framed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FramedPeersTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    /** Neither a multiple of a piece nor of a frame. */
    private static final long BYTES = (5 << 20) + 7;

    @TempDir
    private Path folder;

    static Stream<Arguments> everything() {
        return Stream.of(FramedPeer.values())
                .flatMap(peer -> Stream.of(FramedWire.values())
                        .flatMap(wire -> Stream.of(FramedTest.values())
                                .filter(wire::has)
                                .map(test -> Arguments.of(peer, wire, test))));
    }

    @ParameterizedTest
    @MethodSource("everything")
    void shouldMeasureWhatATestAsksForWhenRunTwice(FramedPeer peer, FramedWire wire, FramedTest test)
            throws IOException {
        Path file = Files.write(folder.resolve("data"), new byte[(int) BYTES]);
        try (MeasuredServer server = peer.start(test, wire.endpoint(folder.resolve("framed.sock")), file);
                CallLoad load = new CallLoad(peer.connect(server.endpoint()), test, BYTES)) {
            load.run(SHORT);
            load.run(SHORT);

            Map<Metric, Double> results = load.results(1);
            assertThat(results)
                    .containsKey(test.isBulk() ? Metric.GIBIBYTES_PER_SECOND : Metric.P99_MICROS)
                    .allSatisfy((metric, value) -> assertThat(value).isFinite().isPositive());
        }
    }
}
