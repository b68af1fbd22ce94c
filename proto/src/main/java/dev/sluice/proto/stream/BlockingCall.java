package dev.sluice.proto.stream;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A call of a client whose messages are sent and awaited by threads that block, of any kind of method:
 *
 * <pre>{@code
 * try (BlockingCall<Upload, UploadResult> call = BlockingCall.start(stub::upload)) {
 *     call.requests().send(header);
 *     ...
 *     UploadResult result = call.response();
 * }
 * try (BlockingCall<Query, Answer> call = BlockingCall.start(answers -> stub.list(query, answers))) {
 *     for (Optional<Answer> next = call.responses().next(); next.isPresent(); next = call.responses().next()) {
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>Waits end when the call does: give it a deadline, or the channel keep-alive, if the server may fall silent.
 *
 * <p><b>Threading:</b> thread-safe, as far as the two directions are.
 *
 * @param <Q> requests
 * @param <R> responses
 */
public final class BlockingCall<Q, R> implements AutoCloseable {
    private final Exchange<Q, R> exchange;

    private BlockingCall(Exchange<Q, R> exchange) {
        this.exchange = exchange;
    }

    /**
     * Begins a call.
     *
     * @param method a method of an asynchronous stub, which is to be given the observer. If it takes a single request, that is sent with
     *     it, and {@link #requests} has nothing to send
     */
    public static <Q, R> BlockingCall<Q, R> start(Consumer<ClientResponseObserver<Q, R>> method) {
        Responses<Q, R> observer = new Responses<>();
        method.accept(observer);
        return new BlockingCall<>(observer.exchange());
    }

    /** Returns where requests go. Its {@code complete} ends them, and not the call. */
    public MessageSender<Q> requests() {
        return exchange.sender();
    }

    /** Returns where responses come from. Their end is the call's. */
    public MessageReceiver<R> responses() {
        return exchange.receiver();
    }

    /**
     * Ends the requests and waits for the only response.
     *
     * @throws MessageStreamException if the call fails, or does not have exactly one
     */
    public R response() throws IOException {
        requests().complete();
        Optional<R> response = responses().next();
        if (response.isEmpty() || responses().next().isPresent()) {
            throw new MessageStreamException(Status.INTERNAL.withDescription(
                    "expected one response, got " + (response.isEmpty() ? "none" : "more")));
        }
        return response.get();
    }

    /** Cancels the call, unless it is over. Frees all threads that wait for it. */
    @Override
    public void close() {
        exchange.fail(Status.CANCELLED.withDescription("the client closed the call"));
    }

    /** What gRPC calls. */
    private static final class Responses<Q, R> implements ClientResponseObserver<Q, R> {
        private Optional<Exchange<Q, R>> exchange = Optional.empty();

        Exchange<Q, R> exchange() {
            return exchange.orElseThrow(
                    () -> new IllegalArgumentException("the method was not called with the observer"));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> requests) {
            requests.disableAutoRequestWithInitial(MessageReceiver.WINDOW);
            exchange = Optional.of(new Exchange<>(requests, Exchange.NO_LIMIT));
        }

        @Override
        public void onNext(R response) {
            exchange().receiver().received(response);
        }

        @Override
        public void onError(Throwable failure) {
            exchange().ended(Status.fromThrowable(failure).withCause(failure)); // which has the trailers
        }

        @Override
        public void onCompleted() {
            exchange().ended(Status.OK);
        }
    }
}
