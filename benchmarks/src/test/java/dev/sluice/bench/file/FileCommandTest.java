package dev.sluice.bench.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.JsonFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FileCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureEveryServerAndItsRatiosWhenRun() throws IOException {
        Path json = folder.resolve("results.json");

        int code = new CommandLine(new FileCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(
                        "--wire=unix",
                        "--mebibytes=1",
                        "--rounds=1",
                        "--warm-up=0",
                        "--no-pin",
                        "--flags=-Xmx128m",
                        "--json=" + json);

        assertThat(code).isZero();
        int servers = FilePeer.values().length;
        List<String> fields = JsonFields.of(json);
        assertThat(fields).filteredOn("gibibytesPerSecond"::equals).hasSize(servers);
        for (String ratio : List.of("ratioToGrpc", "ratioToFastestPlain", "ratioToFastestNetty")) {
            assertThat(fields).filteredOn(ratio::equals).as(ratio).hasSize(servers - 1);
        }
    }
}
