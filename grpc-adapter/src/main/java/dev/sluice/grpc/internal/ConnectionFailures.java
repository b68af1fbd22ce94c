package dev.sluice.grpc.internal;

import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Describes the end of calls whose connection failed. grpc-okhttp gives them the failure as a cause, which a status does not print.
 * Stateless.
 */
public final class ConnectionFailures implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                super.start(new Describing<>(listener), headers);
            }
        };
    }

    private static final class Describing<R> extends SimpleForwardingClientCallListener<R> {
        Describing(ClientCall.Listener<R> listener) {
            super(listener);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            super.onClose(described(status), trailers);
        }
    }

    private static Status described(Status status) {
        return status.getDescription() == null && status.getCause() instanceof TransportException failure
                ? status.withDescription(failure.getMessage())
                : status;
    }
}
