package dev.sluice.bench.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class YamuxCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureEveryTestWhenRunWithoutGo() throws IOException {
        List<String> fields = fieldsAfter("--only=sluice_threads");

        assertThat(fields).filteredOn("test"::equals).hasSize(results(1));
        assertThat(fields).doesNotContain("ratio", "go");
    }

    @Test
    void shouldMeasureOnlyWhatIsAskedForAndSaysSomething() throws IOException {
        List<String> fields = fieldsAfter("--only=sluice,bare_connections", "--tests=bulk,echo");

        assertThat(fields)
                .as("two of bulk each, one of echo")
                .filteredOn("test"::equals)
                .hasSize(2 * 2 + 1);
    }

    @Test
    void shouldCompareToGoWhenThereIsGo() throws IOException {
        assumeTrue(isOnPath("go"), "SKIPPED: needs Go, which is not on the PATH");

        List<String> fields = fieldsAfter("--only=sluice,hashicorp,libp2p");

        assertThat(fields).contains("go", "hashicorp/yamux", "libp2p/go-yamux/v5");
        assertThat(fields).filteredOn("test"::equals).hasSize(3 * results(1));
        assertThat(fields).filteredOn("p99_micros"::equals).hasSize(3 * 2);
        assertThat(fields).filteredOn("writes_per_second"::equals).hasSize(3);
        assertThat(fields).filteredOn("streams_per_second"::equals).hasSize(3);
        assertThat(fields).filteredOn("gibibytes_per_second"::equals).hasSize(3 * 5);
        assertThat(fields)
                .as("of speed and processor time, and of two latencies with each ping-pong")
                .filteredOn("ratio"::equals)
                .hasSize(3 * (2 * 5 + 2 + 2 + 3 + 2));
    }

    private static int results(int peers) {
        return peers
                * Stream.of(Window.values())
                        .mapToInt(window -> window.tests().size())
                        .sum();
    }

    private List<String> fieldsAfter(String... options) throws IOException {
        Path json = folder.resolve("results.json");
        int code = new CommandLine(new YamuxCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(Stream.concat(
                                Stream.of(options),
                                Stream.of("--rounds=1", "--seconds=0.02", "--warm-up=0", "--no-pin", "--json=" + json))
                        .toArray(String[]::new));
        assertThat(code).isZero();
        return fields(json);
    }

    private static List<String> fields(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    names.add(json.currentName());
                }
            }
        }
        return names;
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
