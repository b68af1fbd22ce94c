package dev.sluice.proto.stream;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.CallStreamObserver;

/**
 * The two directions of a call, which end together. Thread-safe.
 *
 * @param <S> what this side sends
 * @param <R> what it receives
 */
final class Exchange<S, R> {
    static final long NO_LIMIT = Long.MAX_VALUE;

    private final MessageSender<S> sender;
    private final MessageReceiver<R> receiver;

    /**
     * Sets the handler by which gRPC says that there is room, so it has to be created before the call begins.
     *
     * @param limitNanos of every wait for the peer
     */
    Exchange(CallStreamObserver<S> call, long limitNanos) {
        sender = new MessageSender<>(call, limitNanos, this::fail);
        receiver = new MessageReceiver<>(call::request, limitNanos, this::fail);
        call.setOnReadyHandler(sender::ready);
    }

    MessageSender<S> sender() {
        return sender;
    }

    MessageReceiver<R> receiver() {
        return receiver;
    }

    /** The call is over, or nobody here waits for its rest: whoever does is freed. The first reason stays. */
    void ended(Status status) {
        sender.end(status); // first: a method that returns when it sees no more requests must not complete the call
        receiver.end(status);
    }

    /** Ends the call, unless it is over. */
    void fail(Status status) {
        fail(status.asException());
    }

    /** Ends the call, unless it is over. */
    void fail(StatusException failure) {
        boolean first = sender.end(failure.getStatus());
        receiver.end(failure.getStatus());
        if (first) {
            sender.tellFailure(failure);
        }
    }

    /** Returns whether the call is over. */
    boolean isOver() {
        return sender.hasEnded();
    }
}
