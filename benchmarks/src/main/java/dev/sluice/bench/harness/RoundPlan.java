package dev.sluice.bench.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How servers are measured round by round. Every server gets a fresh JVM for each of its rounds and has the machine for itself; one
 * client JVM measures them all.
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

    /** Starts the client of all servers: {@code command} is the subcommand that answers {@link Measurement}s. */
    public ChildJvm startClient(String command) throws IOException {
        return ChildJvm.start(pinning.clientCore(), flags, List.of(command));
    }

    /**
     * Starts a server, lets the client make each test with it, and ends it.
     *
     * @param server the subcommand that prints the server's endpoint, and its arguments
     */
    public <T extends Enum<T>> void measure(
            ChildJvm client, List<String> server, List<T> tests, BiConsumer<T, Map<Metric, Double>> results)
            throws IOException {
        try (ChildJvm process = ChildJvm.start(pinning.serverCore(), flags, server)) {
            String endpoint = process.answer(START_LIMIT);
            Duration load = warmUp;
            for (T test : tests) {
                results.accept(test, new Measurement<>(test, endpoint, process.pid(), load, duration).madeBy(client));
                load = warmUp.dividedBy(3);
            }
        }
    }
}
