package dev.sluice.streamrpc;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.internal.ClientConfig;
import dev.sluice.streamrpc.internal.StreamChannel;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/**
 * The client side of StreamRPC 00 (docs/protocols.md, section 2): a connection per call.
 *
 * <pre>{@code
 * try (StreamRpcClient client = StreamRpcClient.builder(Endpoint.parse("tcp://host:8075")).build();
 *         ByteStream stream = client.call(ArchiveGrpc.getFetchMethod(), request)) {
 *     stream.transferTo(file, 0, size);
 * }
 * }</pre>
 *
 * <p>Dialling, request and answer together have the handshake timeout (10 s), or the call's or the context's deadline if that is
 * sooner; cancelling the gRPC context or interrupting the caller ends them. Once accepted, a stream has no time limit.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class StreamRpcClient implements AutoCloseable {
    private final Channel channel;
    private final CallOptions options;
    private final EventLoopGroup group;
    private final boolean ownsGroup;

    private StreamRpcClient(Builder builder) {
        ownsGroup = builder.group.isEmpty();
        group = builder.group.orElseGet(() -> EventLoopGroup.of(1));
        Executor executor = builder.executor.orElseGet(
                () -> HandlerThreads.create("sluice-streamrpc-client", HandlerThreads.DEFAULT_MAX_THREADS));
        ClientConfig config = new ClientConfig(
                builder.endpoint, group, builder.handshakeTimeout, executor, !builder.interceptors.isEmpty());
        channel = ClientInterceptors.intercept(new StreamChannel(config), builder.interceptors);
        options = builder.credentials
                .map(CallOptions.DEFAULT::withCallCredentials)
                .orElse(CallOptions.DEFAULT);
    }

    /** Returns a builder of a client that calls the server at {@code endpoint}. */
    public static Builder builder(Endpoint endpoint) {
        return new Builder(endpoint);
    }

    /** Calls with the client's options. */
    public <Q> ByteStream call(MethodDescriptor<Q, ?> method, Q request) throws TransportException {
        return call(method, request, options);
    }

    /**
     * Calls a method and returns its stream once the server has accepted. Blocks; not for loop threads.
     *
     * @param callOptions credentials, deadline and executor are honoured
     * @throws StreamRpcException if the server rejected the call, or never got it; the connection is closed then
     */
    public <Q> ByteStream call(MethodDescriptor<Q, ?> method, Q request, CallOptions callOptions)
            throws TransportException {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException("a blocking call must not be made on an event loop; use start()");
        }
        StreamChannel.Exchange exchange = StreamChannel.begin(channel, method, request, callOptions, Optional.empty());
        return await(exchange).blocking();
    }

    /** Starts with the client's options. */
    public <Q> CompletionStage<Connection> start(MethodDescriptor<Q, ?> method, Q request, ConnectionHandler handler) {
        return start(method, request, options, handler);
    }

    /**
     * Calls a method without blocking: once the server has accepted, the connection is the handler's, on its loop.
     *
     * @return completed on the loop, with a {@link StreamRpcException} on failure
     */
    public <Q> CompletionStage<Connection> start(
            MethodDescriptor<Q, ?> method, Q request, CallOptions callOptions, ConnectionHandler handler) {
        return StreamChannel.begin(channel, method, request, callOptions, Optional.of(handler))
                .result();
    }

    private static Connection await(StreamChannel.Exchange exchange) throws TransportException {
        CompletableFuture<Connection> result = exchange.result();
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            StreamRpcException why = StreamRpcException.failure(
                    Reason.CANCELLED, "streamrpc client: the calling thread was interrupted", e);
            exchange.cancel("the calling thread was interrupted", e);
            exchange.abandon(why);
            throw why;
        } catch (ExecutionException e) {
            throw TransportException.of("streamrpc client", e.getCause());
        }
    }

    /** Ends the client's own loops, and with them the streams that are still open; a group that was given is left alone. */
    @Override
    public void close() {
        if (ownsGroup) {
            group.close();
        }
    }

    /** Collects the settings of a client. Not thread-safe. */
    public static final class Builder {
        private final Endpoint endpoint;
        private final List<ClientInterceptor> interceptors = new ArrayList<>();
        private Optional<EventLoopGroup> group = Optional.empty();
        private Optional<Executor> executor = Optional.empty();
        private Optional<CallCredentials> credentials = Optional.empty();
        private Duration handshakeTimeout = Duration.ofSeconds(10);

        private Builder(Endpoint endpoint) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        }

        /** Adds an interceptor. As in gRPC, the one added last runs first. */
        public Builder intercept(ClientInterceptor interceptor) {
            interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
            return this;
        }

        /** Sets the credentials of calls made without options; they are asked after the interceptors ran. */
        public Builder credentials(CallCredentials callCredentials) {
            credentials = Optional.of(callCredentials);
            return this;
        }

        /** Sets the loops to use, which stay the caller's. Default: one loop of its own. */
        public Builder group(EventLoopGroup loops) {
            group = Optional.of(loops);
            return this;
        }

        /** Sets where interceptors' callbacks and credentials run. Default: as {@link HandlerThreads} has them. */
        public Builder executor(Executor callbacks) {
            executor = Optional.of(callbacks);
            return this;
        }

        /** Sets how long dialling, request and answer may take together, more than zero. Default: 10 s. */
        public Builder handshakeTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("handshakeTimeout must be more than zero, is " + timeout);
            }
            handshakeTimeout = timeout;
            return this;
        }

        /** Creates the client. Nothing is dialled before the first call. */
        public StreamRpcClient build() {
            return new StreamRpcClient(this);
        }
    }
}
