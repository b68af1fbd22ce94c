package dev.sluice.bench.echo;

import dev.sluice.bench.harness.ChildJvm;
import dev.sluice.bench.harness.RoundPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs the measurements. Rounds are interleaved (A B C A B C ...), so that what changes on the machine meanwhile meets all alike. */
final class EchoRounds {
    /** How the servers are reached. */
    enum Wire {
        TCP,
        UNIX;

        String endpoint(Path folder) {
            return this == TCP ? "tcp://127.0.0.1:0" : "unix://" + folder.resolve("echo.sock");
        }
    }

    private final RoundPlan plan;
    private final List<EchoPeer> peers;
    private final List<Wire> wires;
    private final Map<Wire, EchoResults> results = new EnumMap<>(Wire.class);

    EchoRounds(RoundPlan plan, List<EchoPeer> peers, List<Wire> wires) {
        this.plan = plan;
        this.peers = peers;
        this.wires = wires;
    }

    Map<Wire, EchoResults> run() throws IOException {
        Path folder = Files.createTempDirectory("echo");
        try (ChildJvm client = plan.startClient("echo-client")) {
            for (int round = 1; round <= plan.rounds(); round++) {
                for (Wire wire : wires) {
                    for (EchoPeer peer : peers) {
                        System.err.println(
                                "round " + round + " of " + plan.rounds() + ": " + wire + ", " + peer.label());
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
        EchoResults found = results.computeIfAbsent(wire, w -> new EchoResults());
        plan.measure(
                client,
                List.of("echo-server", peer.name(), wire.endpoint(folder)),
                List.of(EchoTest.values()),
                (test, measured) -> found.add(peer, test, measured));
    }
}
