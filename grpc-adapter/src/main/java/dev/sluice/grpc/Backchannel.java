package dev.sluice.grpc;

import dev.sluice.grpc.internal.LoopProbe;
import dev.sluice.grpc.internal.backchannel.BackchannelLayer;
import dev.sluice.grpc.internal.backchannel.BackchannelServer;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A server that calls back the clients that dialled it, over the connections on which they did (docs/backchannel.md). A client's
 * connection carries a yamux session: its first stream is what the connection would be without, and either side opens more.
 *
 * <pre>{@code
 * PeerRegistry peers = new PeerRegistry();
 * SluiceServer.builder()
 *         .listen(Endpoint.parse("tcp://localhost:8075"))
 *         .protocol(Grpc.serve(b -> b.addService(transactions)))     // whose methods ask Peer.current().channel()
 *         .protocol(Backchannel.serve(peers))
 *         .start();
 *
 * Endpoint server = Backchannel.client(
 *         Endpoint.parse("tcp://localhost:8075"), () -> List.of(Grpc.serve(b -> b.addService(voter))));
 * ManagedChannel channel = Grpc.channel(server);
 * }</pre>
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Backchannel {
    /** What a client sends first: {@code backchannel}. */
    public static final Magic MAGIC = new Magic("backchannel");

    private static final int GITALY_STREAMS = 64;

    private Backchannel() {}

    /** As {@link #client(Endpoint, YamuxConfig, Supplier)}, with yamux's defaults. */
    public static Endpoint client(Endpoint endpoint, Supplier<? extends List<? extends Protocol>> protocols) {
        return client(endpoint, YamuxConfig.defaults(), protocols);
    }

    /**
     * Returns {@code endpoint} as one whose connections each carry a session in which the server may open streams as well. Whatever connects to
     * it gets the first stream as its connection: a gRPC channel, a StreamRPC client. The endpoint's own layer, as TLS, stays
     * below the session. When the first stream ends, the session ends, and the other way round.
     *
     * <p>What the server opens is told apart by its first bytes like connections to a {@link dev.sluice.mux.SluiceServer}, and has 10 s to say
     * what it speaks.
     *
     * <p>Not to be called on a loop: see {@link Grpc#serve(GrpcServerOptions, Consumer)}.
     *
     * @param protocols makes what serves the streams that the server opens: at least one; new ones for each connection, as {@link Grpc#serve}'s,
     *     which serve nothing any more once they are drained, but a {@link SidechannelRegistry} may be the same for all. Called on the connection's loop, hence it must not block. When the session has
     *     ended they are {@linkplain Protocol#drain() drained}
     * @throws IllegalArgumentException if the endpoint names a layer that is not installed
     */
    public static Endpoint client(
            Endpoint endpoint, YamuxConfig config, Supplier<? extends List<? extends Protocol>> protocols) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(protocols, "protocols");
        LoopProbe.isPossible(); // which takes a moment, and would be asked on a loop
        Optional<ConnectionLayer> below;
        try {
            below = endpoint.layer();
        } catch (TransportException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return endpoint.below().with(new BackchannelLayer(below, config, () -> List.copyOf(protocols.get())));
    }

    /** As {@link #serve(PeerRegistry, YamuxConfig, Consumer)}, with yamux's defaults, and gRPC's for the channels. */
    public static Protocol serve(PeerRegistry peers) {
        return serve(peers, YamuxConfig.defaults(), builder -> {});
    }

    /**
     * Returns the protocol of clients that begin with {@link #MAGIC}. The streams that they open are taken as connections of the same server, by
     * the protocols beside this one; each client is registered when it opens its first. From then on it can be called, and found
     * by {@link Peer#current()} in calls that it makes. Clients without the magic are served as before.
     *
     * @param peers where clients are registered for as long as their session lasts; may be that of several servers
     * @param channels gets gRPC's builder of each channel to a client: interceptors, message sizes. Called on the connection's loop, hence it must not
     *     block. Keep-alive is the session's
     */
    public static Protocol serve(
            PeerRegistry peers, YamuxConfig config, Consumer<? super ManagedChannelBuilder<?>> channels) {
        Objects.requireNonNull(channels, "channels");
        return new BackchannelServer(config, session -> peers.join(session, channels));
    }

    /**
     * Returns the settings of a session as Gitaly's of 2021 are: windows of 16 MiB from the start, one unacknowledged stream at a time, no keep-alive, as gRPC's own
     * was to see to that. It knew no limit of streams; here it is 64 for each side, and the memory which these windows may take is 2 GiB.
     */
    public static YamuxConfig gitalySettings() {
        int window = YamuxConfig.LARGEST_WINDOW_BYTES;
        return YamuxConfig.builder()
                .acceptBacklog(1)
                .maxInboundStreams(GITALY_STREAMS)
                .maxOutboundStreams(GITALY_STREAMS)
                .initialWindowBytes(window)
                .maxWindowBytes(window)
                .sessionMemoryBytes(2L * GITALY_STREAMS * window)
                .keepAliveInterval(Duration.ZERO)
                .writeTimeout(Duration.ofSeconds(10))
                .closeTimeout(Duration.ofMinutes(5))
                .build();
    }
}
