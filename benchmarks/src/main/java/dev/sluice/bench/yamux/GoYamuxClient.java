package dev.sluice.bench.yamux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.bench.harness.Metric;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A library of Go that opens streams: in a process of its own for each run, on the core of this one. */
final class GoYamuxClient implements YamuxClient {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Map<String, Metric> LATENCIES = Map.of(
            "/latency/p50Nanos", Metric.P50_MICROS,
            "/latency/p90Nanos", Metric.P90_MICROS,
            "/latency/p99Nanos", Metric.P99_MICROS,
            "/latency/p999Nanos", Metric.P999_MICROS);

    private final List<String> command;

    /**
     * Connects nowhere yet.
     *
     * @param program {@link GoProgram#build}
     * @param library its name there
     */
    GoYamuxClient(Path program, String library, String endpoint, Window window) {
        command = List.of(
                program.toString(),
                "bench",
                "-dial",
                endpoint,
                "-library",
                library,
                "-window",
                Integer.toString(window.bytes()),
                "-warm-up",
                "0s"); // that is a run of its own, so that the server's processor time is not counted
    }

    @Override
    public Outcome run(YamuxTest test, Duration duration) throws IOException {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("-duration", duration.toMillis() + "ms", test.caseName()));
        Process process = new ProcessBuilder(arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String finding = output.readLine();
            if (process.waitFor() != 0 || finding == null) {
                throw new IOException(String.join(" ", arguments) + ": failed, see its standard error");
            }
            return parse(finding);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a measurement was made");
        } finally {
            process.destroy(); // it ends by itself; but for failures
        }
    }

    /** Reads a finding of the Go program. */
    static Outcome parse(String finding) throws IOException {
        Map<String, Long> numbers = new HashMap<>();
        try (JsonParser json = JSON.createParser(finding)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT) {
                    numbers.put(json.getParsingContext().pathAsPointer().toString(), json.getLongValue());
                }
            }
        }
        Map<Metric, Double> latencies = new EnumMap<>(Metric.class);
        LATENCIES.forEach((path, metric) -> {
            if (numbers.containsKey(path)) {
                latencies.put(metric, numbers.get(path) / 1e3);
            }
        });
        return new Outcome(numbers.get("/count"), numbers.get("/bytes"), numbers.get("/nanos"), latencies);
    }

    @Override
    public void close() {
        // Each run has ended its session.
    }
}
