package dev.sluice.bench.echo;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.ComparedResults;
import dev.sluice.bench.harness.RoundPlan;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs the measurements. Rounds are interleaved (A B C A B C ...), so that what changes on the machine meanwhile meets all alike. */
final class EchoRounds {
    private final RoundPlan plan;
    private final List<EchoPeer> peers;
    private final List<Wire> wires;
    private final Map<Wire, ComparedResults<EchoPeer, EchoTest>> results = new EnumMap<>(Wire.class);

    EchoRounds(RoundPlan plan, List<EchoPeer> peers, List<Wire> wires) {
        this.plan = plan;
        this.peers = peers;
        this.wires = wires;
    }

    Map<Wire, ComparedResults<EchoPeer, EchoTest>> run() throws IOException {
        Path folder = Files.createTempDirectory("echo");
        try (ChildProcess client = plan.startClient("echo-client")) {
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

    private void measure(EchoPeer peer, Wire wire, Path folder, ChildProcess client) throws IOException {
        Files.deleteIfExists(folder.resolve("echo.sock"));
        ComparedResults<EchoPeer, EchoTest> found = results.computeIfAbsent(wire, w -> new ComparedResults<>());
        plan.measure(
                client,
                plan.startServer("echo-server", peer.name(), wire.endpoint(folder.resolve("echo.sock"))),
                List.of(EchoTest.values()),
                (test, measured) -> found.add(peer, test, measured));
    }
}
