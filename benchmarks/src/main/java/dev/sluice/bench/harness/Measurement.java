package dev.sluice.bench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One measurement, made by a client in a process of its own: a line orders it, and a line of {@code METRIC=value} pairs answers.
 *
 * <pre>
 *   TEST endpoint server-pid warm-up-millis millis
 * </pre>
 *
 * @param test what is asked of the server
 * @param endpoint of the server
 * @param serverPid the server's process
 * @param warmUp load on the server before that
 */
public record Measurement<T extends Enum<T>>(
        T test, String endpoint, long serverPid, Duration warmUp, Duration duration) {
    /** Within which a client does what is no measurement. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private static final Duration WARM_UP_RUN = Duration.ofMillis(500);

    /** Knows the load for each test. */
    @FunctionalInterface
    public interface Loads<T> {
        /** Connects to the server. */
        Load open(T test, String endpoint) throws IOException;
    }

    /** Lets a client make it. */
    Map<Metric, Double> madeBy(ChildProcess client) throws IOException {
        String order = String.join(
                " ",
                test.name(),
                endpoint,
                Long.toString(serverPid),
                Long.toString(warmUp.toMillis()),
                Long.toString(duration.toMillis()));
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        for (String pair : client.ask(order, warmUp.plus(duration).plus(GRACE)).split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(Metric.valueOf(pair.substring(0, equals)), Double.valueOf(pair.substring(equals + 1)));
        }
        return values;
    }

    /** All that a client does: makes the measurements that its standard input orders. */
    public static <T extends Enum<T>> void answerAll(Class<T> tests, Loads<T> loads) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            System.out.println(parse(tests, order).make(loads).entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(" ")));
        }
    }

    private static <T extends Enum<T>> Measurement<T> parse(Class<T> tests, String order) {
        String[] words = order.split(" ", -1);
        return new Measurement<>(
                Enum.valueOf(tests, words[0]),
                words[1],
                Long.parseLong(words[2]),
                Duration.ofMillis(Long.parseLong(words[3])),
                Duration.ofMillis(Long.parseLong(words[4])));
    }

    private Map<Metric, Double> make(Loads<T> loads) throws IOException {
        try (Load load = loads.open(test, endpoint)) {
            warmUp(load);
            ProcessorUse before = ProcessorUse.now(serverPid);
            load.run(duration);
            ProcessorUse used = ProcessorUse.now(serverPid).since(before);
            Map<Metric, Double> results = load.results(used.server());
            results.put(Metric.SERVER_LOAD, used.serverLoad());
            results.put(Metric.OTHER_LOAD, used.othersLoad());
            return results;
        }
    }

    /** In many short runs, not in one: the end of a run is code, too, and what the compiler has not seen by then makes it begin anew. */
    private void warmUp(Load load) throws IOException {
        for (Duration left = warmUp; left.compareTo(Duration.ZERO) > 0; left = left.minus(WARM_UP_RUN)) {
            load.run(left.compareTo(WARM_UP_RUN) < 0 ? left : WARM_UP_RUN);
        }
    }
}
