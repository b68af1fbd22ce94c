package dev.sluice.grpc;

import dev.sluice.grpc.internal.ClientLoops;
import dev.sluice.grpc.internal.ConnectingSockets;
import dev.sluice.grpc.internal.ConnectionFailures;
import dev.sluice.grpc.internal.TlsSockets;
import dev.sluice.mux.CallAttributes;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * gRPC over Sluice: a {@link dev.sluice.mux.Protocol} for servers, a channel for clients. On the wire it is gRPC over HTTP/2 with prior
 * knowledge, and with ALPN over TLS; peers are gRPC's implementations in any language.
 *
 * <pre>{@code
 * SluiceServer.builder()
 *         .listen(Endpoint.parse("tcp://localhost:8075"))
 *         .protocol(Grpc.serve(b -> b.addService(greeter).intercept(auth)))
 *         .start();
 * ManagedChannel channel = Grpc.channel(Endpoint.parse("tcp://localhost:8075"));
 * }</pre>
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Grpc {
    /** In {@link io.grpc.ServerCall#getAttributes()}: the connection of the call; the same key as StreamRPC's. */
    public static final Attributes.Key<Connection> CONNECTION = CallAttributes.CONNECTION;

    private static final String LOCALHOST = "localhost";
    /** Channels want an address to resolve; the endpoint is what is connected to. */
    private static final String PLACEHOLDER_HOST = "127.0.0.1";

    private static final int PLACEHOLDER_PORT = 1;
    /** gRPC's implementations refuse TLS without it. */
    private static final List<String> APPLICATION_PROTOCOLS = List.of("h2");

    private Grpc() {}

    /**
     * Returns the protocol for all clients that no magic claims.
     *
     * @param settings gets gRPC's own builder: services, interceptors, executor, limits. What has to do with addresses and
     *     transport security is the {@link dev.sluice.mux.SluiceServer}'s
     */
    public static GrpcServer serve(Consumer<? super ServerBuilder<?>> settings) {
        return serve(GrpcServerOptions.defaults(), settings);
    }

    /**
     * As {@link #serve(Consumer)}, with options of Sluice's own. The first of a process with {@link GrpcServerOptions.Driving#LOOPS} tries a call in
     * memory, which takes a fraction of a second, 10 s at most; not to be called on a loop.
     */
    public static GrpcServer serve(GrpcServerOptions options, Consumer<? super ServerBuilder<?>> settings) {
        return new GrpcServer(options, settings);
    }

    /** Returns a channel to {@code endpoint}, connected when first used. The caller shuts it down. */
    public static ManagedChannel channel(Endpoint endpoint) {
        return channelBuilder(endpoint).build();
    }

    /** As {@link #channelBuilder(Endpoint, EventLoopGroup)}, on loops that all such channels of the process share. */
    public static ManagedChannelBuilder<?> channelBuilder(Endpoint endpoint) {
        return channelBuilder(endpoint, ClientLoops.shared());
    }

    /**
     * Returns gRPC's builder for a channel to {@code endpoint}, of any scheme. Keep-alive, idle mode, retries, limits and interceptors are
     * its own settings. The authority is the endpoint's host and port, or {@code localhost} where it has none. TLS is the endpoint's
     * ({@link Endpoint#with}), and offers {@code h2} by ALPN unless its own settings say otherwise.
     *
     * <p>An attempt to connect takes 20 s at most, or what the endpoint says ({@link Endpoint#connectTimeout}). A call that ends because its
     * connection could not be made, or broke, is UNAVAILABLE with a description that names the endpoint and the reason.
     *
     * @param loops where the connections live; to be closed after the channel
     * @throws IllegalArgumentException if the endpoint names a layer that is not installed, or its connect timeout is not a whole number of milliseconds above 0
     */
    public static ManagedChannelBuilder<?> channelBuilder(Endpoint endpoint, EventLoopGroup loops) {
        Optional<ConnectionLayer> layer = layerOf(endpoint);
        Endpoint spoken = layer.map(over -> endpoint.with(over.withApplicationProtocols(APPLICATION_PROTOCOLS)))
                .orElse(endpoint);
        boolean encrypting = layer.filter(ConnectionLayer::isEncrypting).isPresent();
        return channelBuilder(endpoint, new ConnectingSockets(spoken, loops), encrypting);
    }

    /**
     * As {@link #channelBuilder(Endpoint)}, over connections that are made otherwise.
     *
     * @param peer whose host and port are the authority
     * @param encrypting whether they have a TLS session
     */
    static ManagedChannelBuilder<?> channelBuilder(Endpoint peer, ConnectingSockets sockets, boolean encrypting) {
        OkHttpChannelBuilder builder = OkHttpChannelBuilder.forAddress(PLACEHOLDER_HOST, PLACEHOLDER_PORT)
                .overrideAuthority(authorityOf(peer))
                .socketFactory(sockets)
                .transportExecutor(HandlerThreads.create("sluice-grpc-client", Integer.MAX_VALUE))
                .proxyDetector(target -> null)
                .intercept(new ConnectionFailures(sockets));
        if (encrypting) {
            return builder.sslSocketFactory(new TlsSockets())
                    .hostnameVerifier((host, session) -> true); // the layer did
        }
        return builder.usePlaintext();
    }

    private static Optional<ConnectionLayer> layerOf(Endpoint endpoint) {
        try {
            return endpoint.layer();
        } catch (TransportException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String authorityOf(Endpoint endpoint) {
        if (endpoint.port() < 0) {
            return LOCALHOST;
        }
        String host = endpoint.host();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + endpoint.port();
    }
}
