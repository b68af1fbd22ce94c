package dev.sluice.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks at one call on behalf of an interceptor, counts its messages and tells its end once, whoever ends it. One object per call.
 *
 * <p><b>Threading:</b> thread-safe; the callbacks run on the call's threads.
 */
abstract class CallWatch {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();

    /** The call is over: the server has closed it, or the client is gone (CANCELLED). Called once. */
    abstract void ended(Status status);

    /** What is behind this interceptor acts on the call: the current context is the one that the interceptors behind it have made. */
    void acted() {
        // Of interest to those who look into the context.
    }

    /** Returns how many messages the client has sent so far. */
    final long received() {
        return received.get();
    }

    /** Returns how many messages the server has sent so far. */
    final long sent() {
        return sent.get();
    }

    /** Starts the call, watched. */
    final <Q, R> ServerCall.Listener<Q> start(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        try {
            return new WatchedListener<>(next.startCall(new WatchedCall<>(call), headers));
        } catch (RuntimeException | Error e) {
            end(Status.fromThrowable(e));
            throw e;
        }
    }

    private void end(Status status) {
        if (over.compareAndSet(false, true)) {
            ended(status);
        }
    }

    private final class WatchedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        WatchedCall(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public void request(int messages) {
            acted();
            super.request(messages);
        }

        @Override
        public void sendMessage(R message) {
            sent.incrementAndGet();
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            acted();
            end(status); // before the client can know
            super.close(status, trailers);
        }
    }

    private final class WatchedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        WatchedListener(ServerCall.Listener<Q> listener) {
            super(listener);
        }

        @Override
        public void onMessage(Q message) {
            received.incrementAndGet();
            super.onMessage(message);
        }

        @Override
        public void onCancel() {
            end(Status.CANCELLED);
            super.onCancel();
        }

        /** Has an effect only if the call was closed in front of this interceptor, by one that has failed. */
        @Override
        public void onComplete() {
            end(Status.UNKNOWN);
            super.onComplete();
        }
    }
}
