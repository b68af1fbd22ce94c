package dev.sluice.grpc;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxStats;
import io.grpc.ManagedChannelBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The clients of {@linkplain Backchannel#serve servers} that can be called back now, by number. Numbers begin with 1 and are never used
 * again; they mean something in this process only.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class PeerRegistry {
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Peer> peers = new ConcurrentHashMap<>();
    /** What those have done that have left. Guarded by this, and so is forgetting them. */
    private BackchannelStats left = BackchannelStats.NONE;

    /** Creates an empty registry. */
    public PeerRegistry() {}

    /**
     * Returns a peer, whichever call asks.
     *
     * @throws TransportException with {@link Reason#CLOSED} if there is none of this number: it has left, or never was
     */
    public Peer peer(long id) throws TransportException {
        Peer peer = peers.get(id);
        if (peer == null) {
            throw new TransportException(Reason.CLOSED, noBackchannel(id));
        }
        return peer;
    }

    static String noBackchannel(long id) {
        return "no backchannel for peer " + id;
    }

    /** Returns all peers. */
    public List<Peer> peers() {
        return List.copyOf(peers.values());
    }

    /** Returns the counters of all sessions, those that have ended included. Their loops answer; a loop that has ended has ended its sessions. */
    public CompletionStage<BackchannelStats> stats() {
        Map<Peer, CompletableFuture<Optional<YamuxStats>>> asked = new HashMap<>();
        for (Peer peer : peers.values()) {
            asked.put(
                    peer,
                    peer.session()
                            .stats()
                            .thenApply(Optional::of)
                            .exceptionally(ended -> Optional.empty())
                            .toCompletableFuture());
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(answered -> sum(asked));
    }

    private synchronized BackchannelStats sum(Map<Peer, CompletableFuture<Optional<YamuxStats>>> answers) {
        BackchannelStats sum = left;
        for (Map.Entry<Peer, CompletableFuture<Optional<YamuxStats>>> answer : answers.entrySet()) {
            Optional<YamuxStats> stats = answer.getValue().join();
            if (stats.isPresent() && peers.containsKey(answer.getKey().id())) {
                sum = sum.withLive(stats.get());
            }
        }
        return sum;
    }

    /** Registers the peer of a new session, until that ends. */
    void join(Yamux session, Consumer<? super ManagedChannelBuilder<?>> channels) {
        Peer peer = new Peer(lastId.incrementAndGet(), session, channels);
        peers.put(peer.id(), peer);
        session.attach(peer);
        session.ended().thenAccept(cause -> {
            peer.leave(cause);
            session.stats().thenAccept(stats -> forget(peer, stats));
        });
    }

    private synchronized void forget(Peer peer, YamuxStats stats) {
        peers.remove(peer.id());
        left = left.withEnded(stats);
    }
}
