package dev.sluice.yamux.internal;

import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who waits for the answer to the one ping that is under way. Loop-confined. */
final class Pings {
    private List<CompletableFuture<Duration>> waiting = new ArrayList<>();

    void add(CompletableFuture<Duration> answer) {
        waiting.add(answer);
    }

    void answered(Duration roundTrip) {
        takeAll().forEach(answer -> answer.complete(roundTrip));
    }

    void failed(TransportException cause) {
        takeAll().forEach(answer -> answer.completeExceptionally(cause));
    }

    /** Whoever is told may ask for another ping. */
    private List<CompletableFuture<Duration>> takeAll() {
        List<CompletableFuture<Duration>> all = waiting;
        waiting = new ArrayList<>();
        return all;
    }
}
