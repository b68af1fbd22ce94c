package dev.sluice.bench.echo;

import dev.sluice.bench.harness.ChildJvm;
import dev.sluice.bench.harness.Pinning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the measurements. Every server gets a fresh JVM for each of its rounds and has the machine for itself; one client JVM
 * measures them all. Rounds are interleaved (A B C A B C ...), so that what changes on the machine meanwhile meets all alike.
 */
final class EchoRounds {
    /** How the servers are reached. */
    enum Wire {
        TCP,
        UNIX;

        String endpoint(Path folder) {
            return this == TCP ? "tcp://127.0.0.1:0" : "unix://" + folder.resolve("echo.sock");
        }
    }

    /**
     * What to run.
     *
     * @param rounds at least 1
     * @param duration of each measurement
     * @param warmUp load on a fresh server before its first measurement; before the others, a third of it
     * @param flags of all JVMs
     */
    record Plan(
            int rounds,
            Duration duration,
            Duration warmUp,
            List<EchoPeer> peers,
            List<Wire> wires,
            List<String> flags,
            Pinning pinning) {}

    /** Within which a child starts or does what is no measurement. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Plan plan;
    private final Map<Wire, EchoResults> results = new EnumMap<>(Wire.class);

    EchoRounds(Plan plan) {
        this.plan = plan;
    }

    Map<Wire, EchoResults> run() throws IOException {
        Path folder = Files.createTempDirectory("echo");
        try (ChildJvm client = ChildJvm.start(plan.pinning.clientCore(), plan.flags, List.of("echo-client"))) {
            for (int round = 1; round <= plan.rounds; round++) {
                for (Wire wire : plan.wires) {
                    for (EchoPeer peer : plan.peers) {
                        System.err.println("round " + round + " of " + plan.rounds + ": " + wire + ", " + peer.label());
                        measure(peer, wire, folder, client);
                    }
                }
            }
        } finally {
            Files.deleteIfExists(folder.resolve("echo.sock")); // not every server deletes its own
            Files.delete(folder);
        }
        return results;
    }

    private void measure(EchoPeer peer, Wire wire, Path folder, ChildJvm client) throws IOException {
        Files.deleteIfExists(folder.resolve("echo.sock"));
        List<String> arguments = List.of("echo-server", peer.name(), wire.endpoint(folder));
        try (ChildJvm server = ChildJvm.start(plan.pinning.serverCore(), plan.flags, arguments)) {
            String endpoint = server.answer(GRACE);
            Duration warmUp = plan.warmUp;
            for (EchoTest test : EchoTest.values()) {
                String order = String.join(
                        " ",
                        test.name(),
                        endpoint,
                        Long.toString(server.pid()),
                        Long.toString(warmUp.toMillis()),
                        Long.toString(plan.duration.toMillis()));
                String answer = client.ask(order, warmUp.plus(plan.duration).plus(GRACE));
                results.computeIfAbsent(wire, w -> new EchoResults()).add(peer, test, parse(answer));
                warmUp = plan.warmUp.dividedBy(3);
            }
        }
    }

    private static Map<EchoMetric, Double> parse(String answer) {
        Map<EchoMetric, Double> values = new LinkedHashMap<>();
        for (String pair : answer.split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(EchoMetric.valueOf(pair.substring(0, equals)), Double.valueOf(pair.substring(equals + 1)));
        }
        return values;
    }
}
