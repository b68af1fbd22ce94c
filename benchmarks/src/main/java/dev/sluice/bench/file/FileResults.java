package dev.sluice.bench.file;

import dev.sluice.bench.harness.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The transfers of one wire, round by round. Not thread-safe. */
final class FileResults {
    private static final double GIBIBYTE = 1 << 30;

    private final Map<FilePeer, List<Transfer>> transfers = new EnumMap<>(FilePeer.class);

    /**
     * One transfer.
     *
     * @param bytes moved
     * @param nanos from connect to the end, at the client
     * @param serverSeconds processor time of the server meanwhile
     */
    record Transfer(long bytes, long nanos, double serverSeconds) {
        double gibibytesPerSecond() {
            return bytes / GIBIBYTE / (nanos / 1e9);
        }

        double serverSecondsPerGibibyte() {
            return serverSeconds / (bytes / GIBIBYTE);
        }
    }

    void add(FilePeer peer, Transfer transfer) {
        transfers.computeIfAbsent(peer, p -> new ArrayList<>()).add(transfer);
    }

    List<Transfer> of(FilePeer peer) {
        return transfers.get(peer);
    }

    Spread speed(FilePeer peer) {
        return Spread.of(
                of(peer).stream().mapToDouble(Transfer::gibibytesPerSecond).toArray());
    }

    Spread processorTime(FilePeer peer) {
        return Spread.of(of(peer).stream()
                .mapToDouble(Transfer::serverSecondsPerGibibyte)
                .toArray());
    }

    /** Returns the peer of a kind whose median is the fastest. */
    FilePeer fastest(FilePeer.Kind kind) {
        return transfers.keySet().stream()
                .filter(peer -> peer.kind() == kind)
                .max(Comparator.comparingDouble(peer -> speed(peer).median()))
                .orElseThrow();
    }

    /** Returns how fast a peer was beside the fastest of a kind, round by round; empty for that one itself. */
    Optional<Spread> ratio(FilePeer peer, FilePeer.Kind kind) {
        FilePeer reference = fastest(kind);
        if (peer == reference) {
            return Optional.empty();
        }
        double[] ratios = new double[of(peer).size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = of(peer).get(round).gibibytesPerSecond()
                    / of(reference).get(round).gibibytesPerSecond();
        }
        return Optional.of(Spread.of(ratios));
    }
}
