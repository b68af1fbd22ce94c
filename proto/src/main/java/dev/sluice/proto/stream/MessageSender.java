package dev.sluice.proto.stream;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The sending side of a call, at the pace of its peer: what the transport would have to queue waits with the thread that sends it.
 *
 * <p><b>Threading:</b> thread-safe. Several threads may send on one call; each message goes as a whole, and they take turns.
 */
public final class MessageSender<M> implements MessageSink<M> {
    private final CallStreamObserver<? super M> call;
    private final long limitNanos;
    private final Consumer<Status> failure;
    /** Held by the one that sends, also while it waits for room; gRPC's observers are for one thread. Fair, so that writers alternate. */
    private final Lock sending = new ReentrantLock(true);
    /** Guarded by {@link #sending}. */
    private boolean completed;

    /** Never held while gRPC is called, which may call back from within. */
    private final Lock state = new ReentrantLock();

    private final Condition changed = state.newCondition();
    /** Guarded by {@link #state}. */
    private Optional<Status> end = Optional.empty();
    /** How often there was news. Guarded by {@link #state}. */
    private long signals;

    /** @param failure ends the call */
    MessageSender(CallStreamObserver<? super M> call, long limitNanos, Consumer<Status> failure) {
        this.call = call;
        this.limitNanos = limitNanos;
        this.failure = failure;
    }

    /**
     * Sends a message as soon as the transport has room for it.
     *
     * @throws MessageStreamException if the call has ended, or the peer took nothing for as long as is allowed, which ends it
     * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; its flag is set then, and the message was not sent
     * @throws IllegalStateException after {@link #complete}
     */
    @Override
    public void send(M message) throws IOException {
        acquire();
        try {
            if (completed) {
                throw new IllegalStateException("a message after the last one");
            }
            awaitRoom();
            call.onNext(message);
        } finally {
            sending.unlock();
        }
    }

    /**
     * Says that there are no more messages: to a client, that the call has succeeded. Does nothing if the call has ended or this was
     * called before.
     */
    public void complete() throws IOException {
        acquire();
        try {
            if (!completed && !hasEnded()) {
                completed = true;
                call.onCompleted();
            }
        } finally {
            sending.unlock();
        }
    }

    private void acquire() throws IOException {
        try {
            sending.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Interruption.of("sending a message", e);
        }
    }

    private void awaitRoom() throws IOException {
        long left = limitNanos;
        while (left > 0) {
            long seen = signalsWhileOpen();
            if (call.isReady()) {
                return;
            }
            left = awaitSignalAfter(seen, left);
        }
        failure.accept(Status.DEADLINE_EXCEEDED.withDescription(
                "the peer took no message for " + Duration.ofNanos(limitNanos)));
        throw new MessageStreamException(howItEnded());
    }

    private long signalsWhileOpen() throws MessageStreamException {
        state.lock();
        try {
            if (end.isPresent()) {
                throw new MessageStreamException(howItEnded());
            }
            return signals;
        } finally {
            state.unlock();
        }
    }

    /** Returns how much of the limit is left. */
    private long awaitSignalAfter(long seen, long limit) throws IOException {
        state.lock();
        try {
            long left = limit;
            while (signals == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            return left;
        } catch (InterruptedException e) {
            throw Interruption.of("sending a message", e);
        } finally {
            state.unlock();
        }
    }

    private Status howItEnded() {
        state.lock();
        try {
            Status how = end.orElseThrow();
            return how.isOk() ? Status.CANCELLED.withDescription("the peer ended the call before all was sent") : how;
        } finally {
            state.unlock();
        }
    }

    /** Returns whether the call is over. */
    boolean hasEnded() {
        state.lock();
        try {
            return end.isPresent();
        } finally {
            state.unlock();
        }
    }

    /** There may be room. */
    void ready() {
        state.lock();
        try {
            signals++;
            changed.signalAll();
        } finally {
            state.unlock();
        }
    }

    /**
     * The call is over; the first reason stays.
     *
     * @return whether this is the first
     */
    boolean end(Status status) {
        state.lock();
        try {
            boolean first = end.isEmpty();
            if (first) {
                end = Optional.of(status);
            }
            signals++;
            changed.signalAll();
            return first;
        } finally {
            state.unlock();
        }
    }

    /**
     * Tells gRPC of a failure. To be called once and after {@link #end}, which makes the one that sends leave. What a server has
     * completed is over; a client may cancel until it has the answer.
     */
    void tellFailure(StatusException failure) {
        sending.lock();
        try {
            if (!(completed && call instanceof ServerCallStreamObserver)) {
                call.onError(failure);
            }
        } finally {
            sending.unlock();
        }
    }
}
