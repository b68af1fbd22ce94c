package dev.sluice.grpc.internal;

import dev.sluice.nio.spi.LogLimiter;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Makes of what a method throws the end of its call: the status of a {@link StatusRuntimeException}, else INTERNAL without details, which
 * are in the log. gRPC itself would say UNKNOWN. Stateless.
 */
public final class HandlerFailures implements ServerInterceptor {
    private static final Logger LOG = System.getLogger(HandlerFailures.class.getName());
    private static final LogLimiter FAILURES = new LogLimiter(LOG, Level.ERROR);

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        OnceClosedCall<Q, R> guarded = new OnceClosedCall<>(call);
        try {
            return new GuardedListener<>(next.startCall(guarded, headers), guarded);
        } catch (RuntimeException e) {
            guarded.fail(e);
            return new ServerCall.Listener<>() {};
        }
    }

    /** Remembers whether the call was closed: a second close is an error to gRPC. Called by one thread at a time, as gRPC's calls are. */
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

        void fail(RuntimeException failure) {
            String method = getMethodDescriptor().getFullMethodName();
            if (failure instanceof StatusRuntimeException answer
                    && !answer.getStatus().isOk()) {
                LOG.log(Level.DEBUG, method + " failed", failure);
                end(answer.getStatus(), answer.getTrailers());
            } else {
                FAILURES.log(method + " failed", failure);
                end(Status.INTERNAL.withDescription("the method failed").withCause(failure), null);
            }
        }

        private void end(Status status, Metadata trailers) {
            if (!closed) {
                close(status, trailers == null ? new Metadata() : trailers);
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
            } catch (RuntimeException e) {
                call.fail(e);
            }
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }
    }
}
