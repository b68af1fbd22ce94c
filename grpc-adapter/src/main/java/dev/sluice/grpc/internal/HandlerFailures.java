package dev.sluice.grpc.internal;

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
 * Makes of what a method throws the end of its call: the status that it carries, else INTERNAL without details, which are in the log. gRPC
 * itself would say UNKNOWN, or nothing at all where the method was about to read. Stateless.
 */
public final class HandlerFailures implements ServerInterceptor {
    private static final Logger LOG = System.getLogger(HandlerFailures.class.getName());

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

    private static Status statusOf(RuntimeException failure) {
        Status status = Status.fromThrowable(failure);
        return status.getCode() == Status.Code.UNKNOWN
                ? Status.INTERNAL.withDescription("the method failed").withCause(failure)
                : status;
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
            LOG.log(Level.ERROR, getMethodDescriptor().getFullMethodName() + " failed", failure);
            if (!closed) {
                Metadata trailers = Status.trailersFromThrowable(failure);
                close(statusOf(failure), trailers == null ? new Metadata() : trailers);
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
