package dev.sluice.bench.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How servers are measured round by round. Every server gets a fresh process for each of its rounds and has the machine for itself.
 *
 * @param rounds at least 1
 * @param duration of each measurement
 * @param warmUp load on a fresh server before its first measurement; before the others, a third of it
 * @param flags of all JVMs
 */
public record RoundPlan(int rounds, Duration duration, Duration warmUp, List<String> flags, Pinning pinning) {
    /** Within which a server starts. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Checks the number of rounds. */
    public RoundPlan {
        if (rounds < 1) {
            throw new IllegalArgumentException("expected at least 1 round, got " + rounds);
        }
        flags = List.copyOf(flags);
    }

    /** Starts a client: {@code command} is the subcommand that answers {@link Measurement}s, and its arguments. */
    public ChildProcess startClient(String... command) throws IOException {
        return ChildProcess.jvm(pinning.clientCore(), flags, List.of(command));
    }

    /** Starts a server: {@code command} is the subcommand that prints its endpoint, and its arguments. */
    public ChildProcess startServer(String... command) throws IOException {
        return ChildProcess.jvm(pinning.serverCore(), flags, List.of(command));
    }

    /** Starts a process that is both client and server, and is pinned to no core: its threads would share it. */
    public ChildProcess startPair(String... command) throws IOException {
        return ChildProcess.jvm(Pinning.NONE, flags, List.of(command));
    }

    /** Starts a server that is another program, which prints its endpoint. */
    public ChildProcess startForeignServer(List<String> command) throws IOException {
        return ChildProcess.program(pinning.serverCore(), command);
    }

    /**
     * Lets the client make each test with a server, and ends that.
     *
     * @param server just started; the last word of its first line is its endpoint
     */
    public <T extends Enum<T>> void measure(
            ChildProcess client, ChildProcess server, List<T> tests, BiConsumer<T, Map<Metric, Double>> results)
            throws IOException {
        try (server) {
            String ready = server.answer(START_LIMIT);
            String endpoint = ready.substring(ready.lastIndexOf(' ') + 1);
            measure(client, endpoint, server.pid(), tests, results);
        }
    }

    /**
     * Lets a pair make each test.
     *
     * @param endpoint where its server is to listen
     */
    public <T extends Enum<T>> void measurePair(
            ChildProcess pair, String endpoint, List<T> tests, BiConsumer<T, Map<Metric, Double>> results)
            throws IOException {
        measure(pair, endpoint, pair.pid(), tests, results);
    }

    private <T extends Enum<T>> void measure(
            ChildProcess client,
            String endpoint,
            long serverPid,
            List<T> tests,
            BiConsumer<T, Map<Metric, Double>> results)
            throws IOException {
        Duration load = warmUp;
        for (T test : tests) {
            results.accept(test, new Measurement<>(test, endpoint, serverPid, load, duration).madeBy(client));
            load = warmUp.dividedBy(3);
        }
    }
}
