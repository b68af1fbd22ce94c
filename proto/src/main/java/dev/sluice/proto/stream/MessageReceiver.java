package dev.sluice.proto.stream;

import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The receiving side of a call, at the pace of its reader: no more than {@value #WINDOW} messages are asked for beyond those that were
 * taken, so a peer that is faster has to wait.
 *
 * <p><b>Threading:</b> thread-safe. If several threads read, each message goes to one of them.
 */
public final class MessageReceiver<M> implements MessageSource<M> {
    /** Enough for the next one to be there when one is taken, and at gRPC's largest by default still no more than 16 MiB. */
    static final int WINDOW = 4;

    private final IntConsumer requests;
    private final long limitNanos;
    private final Consumer<Status> failure;
    /** Never held while gRPC is called, which may call back from within. */
    private final Lock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    /** Guarded by {@link #lock}, as the next. */
    private final Queue<M> received = new ArrayDeque<>();

    private Optional<Status> end = Optional.empty();

    /**
     * @param requests asks gRPC for so many messages more; the first {@value #WINDOW} are not asked for here
     * @param failure ends the call
     */
    MessageReceiver(IntConsumer requests, long limitNanos, Consumer<Status> failure) {
        this.requests = requests;
        this.limitNanos = limitNanos;
        this.failure = failure;
    }

    /**
     * Waits for the next message.
     *
     * @return empty if the peer has ended its messages and, to a client, the call with OK
     * @throws MessageStreamException if the call ended otherwise, once all that came before has been returned; or if nothing came for as
     *     long as is allowed, which ends it
     * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; its flag is set then
     */
    @Override
    public Optional<M> next() throws IOException {
        Optional<M> message = await();
        if (message.isPresent()) {
            requests.accept(1);
            return message;
        }
        Status status = how();
        if (!status.isOk()) {
            throw new MessageStreamException(status);
        }
        return Optional.empty();
    }

    /** Returns empty at the end. */
    private Optional<M> await() throws IOException {
        lock.lock();
        try {
            long left = limitNanos;
            while (received.isEmpty() && end.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (!received.isEmpty() || end.isPresent()) {
                return Optional.ofNullable(received.poll());
            }
        } catch (InterruptedException e) {
            throw Interruption.of("waiting for a message", e);
        } finally {
            lock.unlock();
        }
        failure.accept(Status.DEADLINE_EXCEEDED.withDescription(
                "the peer sent no message for " + Duration.ofNanos(limitNanos)));
        return Optional.empty();
    }

    private Status how() {
        lock.lock();
        try {
            return end.orElseThrow();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a message from gRPC. */
    void received(M message) {
        lock.lock();
        try {
            if (end.isEmpty()) { // else it is one that nobody waits for any more
                received.add(message);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** No more will come; the first reason stays. */
    void end(Status status) {
        lock.lock();
        try {
            if (end.isEmpty()) {
                end = Optional.of(status);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
