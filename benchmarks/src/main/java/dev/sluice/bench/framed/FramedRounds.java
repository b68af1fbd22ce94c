package dev.sluice.bench.framed;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.ComparedResults;
import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.RoundPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;

/** Runs the measurements: round by round, in each of them every test with every peer, in an order that is drawn anew, in fresh processes. */
final class FramedRounds {
    private final Random random = new Random();
    private final Map<String, ComparedResults<FramedPeer, FramedTest>> results = new LinkedHashMap<>();
    private final RoundPlan plan;
    private final List<FramedPeer> peers;
    private final List<FramedWire> wires;
    private final List<FramedTest> tests;
    private final long bytes;

    /**
     * Measures nothing yet.
     *
     * @param bytes of the file, and of each call that moves bytes
     */
    FramedRounds(RoundPlan plan, List<FramedPeer> peers, List<FramedWire> wires, List<FramedTest> tests, long bytes) {
        this.plan = plan;
        this.peers = List.copyOf(EnumSet.copyOf(peers));
        this.wires = List.copyOf(EnumSet.copyOf(wires));
        this.tests = List.copyOf(EnumSet.copyOf(tests));
        this.bytes = bytes;
    }

    /** Returns what was measured, by the transport. */
    Map<String, ComparedResults<FramedPeer, FramedTest>> run() throws IOException {
        Path folder = Files.createTempDirectory("framed");
        Path file = folder.resolve("data");
        Path socket = folder.resolve("framed.sock");
        try {
            try (OutputStream out = Files.newOutputStream(file)) { // what was just written is in the page cache
                new Body(bytes).transferTo(out);
            }
            for (int round = 1; round <= plan.rounds(); round++) {
                for (FramedWire wire : wires) {
                    for (FramedTest test : tests) {
                        if (wire.has(test)) {
                            measureAll("round " + round + " of " + plan.rounds(), wire, test, file, socket);
                        }
                    }
                }
            }
        } finally {
            Files.deleteIfExists(socket); // not every server deletes its own
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
        return results;
    }

    private void measureAll(String round, FramedWire wire, FramedTest test, Path file, Path socket) throws IOException {
        ComparedResults<FramedPeer, FramedTest> found =
                results.computeIfAbsent(wire.label(), w -> new ComparedResults<>());
        List<FramedPeer> order = new ArrayList<>(peers);
        Collections.shuffle(order, random); // no one is always behind the same neighbour
        for (FramedPeer peer : order) {
            System.err.println(round + ", " + wire.label() + ", " + test + ": " + peer.label());
            Files.deleteIfExists(socket);
            BiConsumer<FramedTest, Map<Metric, Double>> add = (made, measured) -> found.add(peer, made, measured);
            if (wire.isWithinProcess()) {
                measurePair(peer, test, wire.endpoint(socket), add);
            } else {
                measure(peer, test, wire.endpoint(socket), file, add);
            }
        }
    }

    private void measure(
            FramedPeer peer,
            FramedTest test,
            String endpoint,
            Path file,
            BiConsumer<FramedTest, Map<Metric, Double>> add)
            throws IOException {
        try (ChildProcess client = plan.startClient("framed-client", peer.name(), Long.toString(bytes))) {
            ChildProcess server =
                    plan.startServer("framed-server", peer.name(), test.name(), endpoint, file.toString());
            plan.measure(client, server, List.of(test), add);
        }
    }

    private void measurePair(
            FramedPeer peer, FramedTest test, String endpoint, BiConsumer<FramedTest, Map<Metric, Double>> add)
            throws IOException {
        try (ChildProcess pair = plan.startPair("framed-client", "--with-server", peer.name(), Long.toString(bytes))) {
            plan.measurePair(pair, endpoint, List.of(test), add);
        }
    }
}
