package dev.sluice.bench.framed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.JsonFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FramedCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureInPairsOfProcessesAndWithinOneWhenRun() throws IOException {
        Path json = folder.resolve("results.json");

        int code = new CommandLine(new FramedCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(
                        "--wire=unix,memory",
                        "--only=framed,loop",
                        "--tests=file,call",
                        "--mebibytes=1",
                        "--rounds=1",
                        "--seconds=0.02",
                        "--warm-up=0",
                        "--no-pin",
                        "--json=" + json);

        assertThat(code).isZero();
        List<String> fields = JsonFields.of(json);
        assertThat(fields)
                .filteredOn("test"::equals)
                .as("no file within a process")
                .hasSize(2 * 3);
        assertThat(fields).filteredOn("gibibytes_per_second"::equals).hasSize(2);
        assertThat(fields).filteredOn("p99_micros"::equals).hasSize(2 * 2);
        assertThat(fields)
                .as("of speed, of two latencies, and of processor time with each")
                .filteredOn("ratio"::equals)
                .hasSize(2 * (2 + 2 * 3));
    }
}
