package dev.sluice.grpc;

import dev.sluice.grpc.internal.ConnectingSockets;
import dev.sluice.grpc.internal.ConnectionFailures;
import dev.sluice.mux.CallAttributes;
import dev.sluice.nio.Connection;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import java.util.function.Consumer;

/**
 * A client that can be called back, for as long as its session lasts. One that dials again is another peer.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Peer {
    private final long id;
    private final Yamux session;
    private final ManagedChannel channel;
    /** Why the session has ended; null while it has not. */
    private volatile TransportException gone;

    Peer(long id, Yamux session, Consumer<? super ManagedChannelBuilder<?>> settings) {
        this.id = id;
        this.session = session;
        Connection connection = session.connection();
        ManagedChannelBuilder<?> builder = Grpc.channelBuilder(
                        connection.remoteEndpoint(),
                        new ConnectingSockets(this, session::openStream),
                        connection.tlsSession().isPresent())
                .intercept(new ConnectionFailures((status, transport) -> described(status)));
        settings.accept(builder);
        channel = builder.build();
    }

    /**
     * Returns who made the call that the current {@link io.grpc.Context} belongs to, of gRPC or StreamRPC. If the peer is gone meanwhile, calls
     * to it fail.
     *
     * @throws NonMultiplexedException if it cannot be called back
     * @throws IllegalStateException if the context is not that of a call to a {@link dev.sluice.mux.SluiceServer}
     */
    public static Peer current() throws NonMultiplexedException {
        Connection connection = CallAttributes.CURRENT_CONNECTION.get();
        if (connection == null) {
            throw new IllegalStateException("no peer info in context");
        }
        return Yamux.of(connection)
                .flatMap(Yamux::attachment)
                .filter(Peer.class::isInstance)
                .map(Peer.class::cast)
                .orElseThrow(NonMultiplexedException::new);
    }

    /** Returns the number under which the registry knows it, from 1. */
    public long id() {
        return id;
    }

    /** Returns the session, to open streams that are no calls, and to ask for the connection below. It is ended with its first stream, by whoever ends that. */
    public Yamux session() {
        return session;
    }

    /** Returns the channel to it, which is connected when first used: by a stream of the session. Calls fail with UNAVAILABLE once the session has ended. */
    public Channel channel() {
        return channel;
    }

    /** The session has ended. */
    void leave(TransportException cause) {
        gone = cause;
        channel.shutdownNow();
    }

    private Status described(Status status) {
        TransportException cause = gone;
        if (cause == null || status.getCode() != Status.Code.UNAVAILABLE) {
            return status;
        }
        return status.withDescription(PeerRegistry.noBackchannel(id) + ": " + cause.getMessage())
                .withCause(cause);
    }

    @Override
    public String toString() {
        return "peer " + id + " (multiplexed/" + session.connection().remoteEndpoint() + ")";
    }
}
