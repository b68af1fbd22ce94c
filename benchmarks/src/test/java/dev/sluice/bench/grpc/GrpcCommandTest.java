package dev.sluice.bench.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.JsonFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GrpcCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureEveryTestOfEveryServerWhenRun() throws IOException {
        Path json = folder.resolve("results.json");

        int code = new CommandLine(new GrpcCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(
                        "--peers=okhttp,sluice",
                        "--executors=direct",
                        "--rounds=1",
                        "--seconds=0.02",
                        "--warm-up=0",
                        "--no-pin",
                        "--json=" + json);

        assertThat(code).isZero();
        int tests = GrpcTest.values().length;
        assertThat(names(json, "test")).hasSize(2 * tests);
        assertThat(names(json, "p99_micros")).hasSize(2);
        assertThat(names(json, "calls_per_second")).hasSize(2 * 4);
        assertThat(names(json, "gibibytes_per_second")).hasSize(2);
        assertThat(names(json, "okhttp")).as("ratios of Sluice's").hasSize(2 * (tests - 1) + 3);
    }

    private static List<String> names(Path file, String wanted) throws IOException {
        return JsonFields.of(file).stream().filter(wanted::equals).toList();
    }
}
