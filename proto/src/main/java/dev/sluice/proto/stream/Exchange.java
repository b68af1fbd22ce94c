package dev.sluice.proto.stream;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.CallStreamObserver;
import java.time.Duration;

/**
 * The two directions of a call, which end together. Thread-safe.
 *
 * @param <S> what this side sends
 * @param <R> what it receives
 */
final class Exchange<S, R> {
    private final MessageSender<S> sender;
    private final MessageReceiver<R> receiver;

    /**
     * Sets the handler by which gRPC says that there is room, so it has to be created before the call begins.
     *
     * @param idleLimit of every wait for the peer; zero for none
     */
    Exchange(CallStreamObserver<S> call, Duration idleLimit) {
        long limitNanos = idleLimit.isZero() ? Long.MAX_VALUE : idleLimit.toNanos();
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
