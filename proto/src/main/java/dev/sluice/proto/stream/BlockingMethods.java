package dev.sluice.proto.stream;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs streaming methods of a server that block, each call on a thread of its own:
 *
 * <pre>{@code
 * public void list(Query query, StreamObserver<Answer> answers) {
 *     methods.serverStreaming(answers, sender -> ...);
 * }
 * public StreamObserver<Upload> upload(StreamObserver<UploadResult> result) {
 *     return methods.clientStreaming(result, (receiver, sender) -> ...);
 * }
 * }</pre>
 *
 * <p>gRPC's own threads will not do: while a method blocks one, gRPC cannot tell that call of room, of requests or of its end.
 *
 * <p>A body that returns has completed its call. What it throws ends the call: a {@code StatusException}, {@code StatusRuntimeException} or
 * {@link MessageStreamException} with its status, a {@link ProtocolException} with INVALID_ARGUMENT and its text, all else with INTERNAL
 * without details, which the log has. When the client cancels, a body that waits for it is freed by an exception, and {@code
 * Context.current()}, which is the call's, is cancelled.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class BlockingMethods {
    /** How long a body waits for its peer unless told otherwise, as with a byte stream of StreamRPC. */
    public static final Duration DEFAULT_IDLE_LIMIT = Duration.ofMinutes(5);

    private static final Logger LOG = System.getLogger(BlockingMethods.class.getName());

    private final Executor executor;
    private final long limitNanos;

    /** @param executor runs bodies. If it refuses one, the call ends with RESOURCE_EXHAUSTED */
    public BlockingMethods(Executor executor) {
        this(executor, DEFAULT_IDLE_LIMIT);
    }

    /**
     * Creates one with another limit.
     *
     * @param idleLimit for how long a body waits for room or for a message, before the call ends with DEADLINE_EXCEEDED; zero for ever
     */
    public BlockingMethods(Executor executor, Duration idleLimit) {
        this.executor = Objects.requireNonNull(executor, "executor");
        if (idleLimit.isNegative()) {
            throw new IllegalArgumentException("idleLimit must be at least zero, is " + idleLimit);
        }
        this.limitNanos = idleLimit.isZero() ? Exchange.NO_LIMIT : idleLimit.toNanos();
    }

    /** What a method with one request does. */
    @FunctionalInterface
    public interface ServerStreaming<R> {
        /** Sends the responses, of which the last is followed by OK when this returns. */
        void run(MessageSender<R> responses) throws IOException, StatusException;
    }

    /** What a method with a stream of requests does. */
    @FunctionalInterface
    public interface ClientStreaming<Q, R> {
        /** Takes the requests and sends the response or responses, of which the last is followed by OK when this returns. */
        void run(MessageReceiver<Q> requests, MessageSender<R> responses) throws IOException, StatusException;
    }

    /**
     * Runs a method with one request. To be called from the method, on gRPC's thread.
     *
     * @param responses as gRPC gave it
     */
    public <R> void serverStreaming(StreamObserver<R> responses, ServerStreaming<R> body) {
        ServerCallStreamObserver<R> call = callOf(responses);
        run(exchange(call), exchange -> body.run(exchange.sender()));
    }

    /**
     * Runs a method with a stream of requests, whether it sends one response or a stream of them. To be called from the method, on gRPC's
     * thread.
     *
     * @param responses as gRPC gave it
     * @return what the method is to return
     */
    public <Q, R> StreamObserver<Q> clientStreaming(StreamObserver<R> responses, ClientStreaming<Q, R> body) {
        ServerCallStreamObserver<R> call = callOf(responses);
        call.disableAutoRequest();
        Exchange<R, Q> exchange = exchange(call);
        call.request(MessageReceiver.WINDOW);
        run(exchange, it -> body.run(it.receiver(), it.sender()));
        return new Requests<>(exchange);
    }

    private static <R> ServerCallStreamObserver<R> callOf(StreamObserver<R> responses) {
        if (responses instanceof ServerCallStreamObserver<R> call) {
            return call;
        }
        throw new IllegalArgumentException("expected the observer that gRPC gave the method, got " + responses);
    }

    private <Q, R> Exchange<R, Q> exchange(ServerCallStreamObserver<R> call) {
        Exchange<R, Q> exchange = new Exchange<>(call, limitNanos);
        call.setOnCancelHandler(
                () -> exchange.ended(Status.CANCELLED.withDescription("the client cancelled the call")));
        return exchange;
    }

    private interface Body<E> {
        void run(E exchange) throws IOException, StatusException;
    }

    private <E extends Exchange<?, ?>> void run(E exchange, Body<E> body) {
        try {
            executor.execute(Context.current().wrap(() -> runNow(exchange, body)));
        } catch (RejectedExecutionException e) {
            exchange.fail(Status.RESOURCE_EXHAUSTED
                    .withDescription("all threads of the server are busy with other calls")
                    .withCause(e));
        }
    }

    private static <E extends Exchange<?, ?>> void runNow(E exchange, Body<E> body) {
        try {
            body.run(exchange);
            exchange.sender().complete();
        } catch (Throwable t) {
            exchange.fail(failureOf(t, exchange.isOver()));
            if (t instanceof Error error) {
                throw error;
            }
        } finally {
            // Threads that the body has left behind.
            exchange.ended(Status.CANCELLED.withDescription("the method has ended"));
        }
    }

    private static StatusException failureOf(Throwable thrown, boolean over) {
        Status status = statusOf(thrown);
        if (status.getCode() == Status.Code.UNKNOWN) {
            LOG.log(over ? Level.DEBUG : Level.ERROR, "a streaming method failed", thrown);
            status = Status.INTERNAL.withDescription("the method failed").withCause(thrown);
        }
        Metadata trailers = Status.trailersFromThrowable(thrown);
        return new StatusException(status, trailers);
    }

    private static Status statusOf(Throwable thrown) {
        if (thrown instanceof MessageStreamException ended) {
            return ended.status();
        }
        if (thrown instanceof ProtocolException malformed) {
            return Status.INVALID_ARGUMENT
                    .withDescription(malformed.getMessage())
                    .withCause(malformed);
        }
        Status status = thrown instanceof StatusException || thrown instanceof StatusRuntimeException
                ? Status.fromThrowable(thrown)
                : Status.UNKNOWN;
        return status.isOk() ? Status.UNKNOWN : status;
    }

    /** What gRPC calls. */
    private record Requests<Q>(Exchange<?, Q> exchange) implements StreamObserver<Q> {
        @Override
        public void onNext(Q request) {
            exchange.receiver().received(request);
        }

        @Override
        public void onError(Throwable failure) {
            exchange.ended(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            exchange.receiver().end(Status.OK);
        }
    }
}
