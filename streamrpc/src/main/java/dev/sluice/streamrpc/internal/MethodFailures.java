package dev.sluice.streamrpc.internal;

import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Makes of what a method throws the end of its call, as the innermost interceptor: so those in front of it, which count and log, see the end as
 * they see any other. Stateless.
 */
public final class MethodFailures implements ServerInterceptor {
    private static final Logger LOG = System.getLogger(MethodFailures.class.getName());

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        OnceClosedCall<Q, R> guarded = new OnceClosedCall<>(call);
        try {
            return new GuardedListener<>(next.startCall(guarded, headers), guarded);
        } catch (Throwable t) {
            guarded.fail(t);
            return new ServerCall.Listener<>() {};
        }
    }

    /** Ends a call only, whatever was thrown. Its text may be secret: the log has it. */
    static Status statusOf(Throwable thrown, ServerCall<?, ?> call) {
        Status status = Status.fromThrowable(thrown);
        if (status.getCode() != Status.Code.UNKNOWN) {
            return status;
        }
        boolean clientGone = thrown.getCause() instanceof TransportException;
        LOG.log(
                clientGone ? Level.DEBUG : Level.ERROR,
                call.getAttributes().get(StreamRpc.CONNECTION) + ": the method failed",
                thrown);
        return Status.INTERNAL.withDescription("the method failed").withCause(thrown);
    }

    /** Interceptors expect one end. Called by one thread at a time, as gRPC's calls are. */
    private static final class OnceClosedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private boolean closed;

        OnceClosedCall(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = true;
            super.close(status, trailers);
        }

        void fail(Throwable thrown) {
            Status status = statusOf(thrown, this);
            if (!closed) {
                close(status, new Metadata());
            }
        }
    }

    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final OnceClosedCall<Q, ?> call;

        GuardedListener(ServerCall.Listener<Q> listener, OnceClosedCall<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        private void guard(Runnable step) {
            try {
                step.run();
            } catch (Throwable t) {
                call.fail(t);
            }
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }
    }
}
