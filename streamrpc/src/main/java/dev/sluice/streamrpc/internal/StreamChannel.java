package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * StreamRPC as a gRPC channel, so that gRPC's interceptors run on it unchanged: they see a unary call that completes when its
 * stream ends. The stream itself reaches the caller beside the call, in its {@link Exchange}. Thread-safe.
 */
public final class StreamChannel extends Channel {
    private static final CallOptions.Key<Exchange> EXCHANGE = CallOptions.Key.create("dev.sluice.streamrpc.exchange");

    private final ClientConfig config;

    /** Creates the channel. */
    public StreamChannel(ClientConfig config) {
        this.config = config;
    }

    /**
     * Where a call meets its caller: gets the connection once it is accepted. Thread-safe.
     *
     * @param handler gets the connection on the loop; empty if a thread waits for it
     */
    public record Exchange(
            Optional<ConnectionHandler> handler,
            CompletableFuture<Connection> result,
            AtomicReference<ClientCall<?, ?>> call) {
        /** Gives the call up. */
        public void cancel(String why, Throwable cause) {
            call.get().cancel(why, cause);
        }

        /** Nobody waits any more: a connection that the server has accepted all the same is cut. */
        public void abandon(StreamRpcException why) {
            if (result.completeExceptionally(why) || result.isCompletedExceptionally()) {
                return;
            }
            Connection connection = result.join();
            connection.loop().post(() -> connection.abort(why)); // or the loop has ended and has closed it
        }
    }

    /** Makes a call through {@code channel}, which is a StreamChannel behind interceptors. */
    public static <Q, R> Exchange begin(
            Channel channel,
            MethodDescriptor<Q, R> method,
            Q request,
            CallOptions options,
            Optional<ConnectionHandler> handler) {
        Exchange exchange = new Exchange(handler, new CompletableFuture<>(), new AtomicReference<>());
        ClientCall<Q, R> call = channel.newCall(method, options.withOption(EXCHANGE, exchange));
        exchange.call().set(call);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (!exchange.result().isDone()) { // else the caller has its stream, which tells how it ended
                            exchange.result().completeExceptionally(StreamRpcException.of(status));
                        }
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(request);
        call.halfClose();
        return exchange;
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
        Exchange exchange = options.getOption(EXCHANGE);
        if (exchange == null) {
            throw new IllegalStateException(
                    "this channel serves StreamRpcClient only: calls made otherwise have no use for a stream");
        }
        return new StreamClientCall<>(config, method, options, exchange);
    }

    @Override
    public String authority() {
        return config.endpoint().toString();
    }
}
