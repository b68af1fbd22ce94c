package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.ComparedResults;
import dev.sluice.bench.harness.RoundPlan;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Runs the measurements: round by round, in each of them every pair with each size of windows, in an order that is drawn anew. */
final class YamuxRounds {
    private final Random random = new Random();
    private final Map<String, ComparedResults<YamuxPeer, YamuxTest>> results = new LinkedHashMap<>();
    private final RoundPlan plan;
    private final List<YamuxPeer> peers;
    private final Set<YamuxTest> tests;
    private final Wire wire;
    private final Path program;

    /**
     * Measures nothing yet.
     *
     * @param program what Go's peers need
     */
    YamuxRounds(RoundPlan plan, List<YamuxPeer> peers, Set<YamuxTest> tests, Wire wire, Path program) {
        this.plan = plan;
        this.peers = List.copyOf(EnumSet.copyOf(peers));
        this.tests = Set.copyOf(tests);
        this.wire = wire;
        this.program = program;
    }

    /** Returns what was measured, by what a report calls the windows. */
    Map<String, ComparedResults<YamuxPeer, YamuxTest>> run() throws IOException {
        Path folder = Files.createTempDirectory("yamux");
        Path socket = folder.resolve("yamux.sock");
        try {
            for (int round = 1; round <= plan.rounds(); round++) {
                for (Window window : Window.values()) {
                    measureAll("round " + round + " of " + plan.rounds() + ", " + window.label(), window, socket);
                }
            }
        } finally {
            Files.deleteIfExists(socket); // not every server deletes its own
            Files.delete(folder);
        }
        return results;
    }

    private List<YamuxTest> asked(YamuxPeer peer, Window window) {
        return window.tests().stream()
                .filter(tests::contains)
                .filter(peer::takesPartIn)
                .toList();
    }

    private void measureAll(String what, Window window, Path socket) throws IOException {
        List<YamuxPeer> order = new ArrayList<>(peers);
        order.removeIf(peer -> asked(peer, window).isEmpty());
        Collections.shuffle(order, random); // no one is always behind the same neighbour
        for (YamuxPeer peer : order) {
            System.err.println(what + ": " + peer.label());
            Files.deleteIfExists(socket);
            measure(peer, window, wire.endpoint(socket));
        }
    }

    private void measure(YamuxPeer peer, Window window, String endpoint) throws IOException {
        ComparedResults<YamuxPeer, YamuxTest> found =
                results.computeIfAbsent(window.label(), w -> new ComparedResults<>());
        try (ChildProcess client = plan.startClient("yamux-client", peer.name(), window.name(), program.toString())) {
            ChildProcess server = peer.isGo()
                    ? plan.startForeignServer(peer.goServer(program, endpoint, window))
                    : plan.startServer("yamux-server", peer.name(), window.name(), endpoint);
            plan.measure(client, server, asked(peer, window), (test, measured) -> found.add(peer, test, measured));
        }
    }
}
