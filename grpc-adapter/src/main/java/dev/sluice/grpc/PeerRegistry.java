package dev.sluice.grpc;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import io.grpc.ManagedChannelBuilder;
import java.util.List;
import java.util.Map;
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

    /** Registers the peer of a new session, until that ends. */
    void join(Yamux session, Consumer<? super ManagedChannelBuilder<?>> channels) {
        Peer peer = new Peer(lastId.incrementAndGet(), session, channels);
        peers.put(peer.id(), peer);
        session.attach(peer);
        session.ended().thenAccept(cause -> {
            peers.remove(peer.id());
            peer.leave(cause);
        });
    }
}
