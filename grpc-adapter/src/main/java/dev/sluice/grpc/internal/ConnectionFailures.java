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
import java.util.function.UnaryOperator;

/** Describes the end of calls whose connection failed. Thread-safe. */
public final class ConnectionFailures implements ClientInterceptor {
    private final UnaryOperator<Status> description;

    /** Describes by the failure itself: grpc-okhttp gives it to calls as a cause, which a status does not print. */
    public ConnectionFailures() {
        this(ConnectionFailures::byCause);
    }

    /** @param description returns the status that the caller is to see */
    public ConnectionFailures(UnaryOperator<Status> description) {
        this.description = description;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                super.start(new Describing<>(listener), headers);
            }
        };
    }

    private final class Describing<R> extends SimpleForwardingClientCallListener<R> {
        Describing(ClientCall.Listener<R> listener) {
            super(listener);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            super.onClose(description.apply(status), trailers);
        }
    }

    private static Status byCause(Status status) {
        return status.getDescription() == null && status.getCause() instanceof TransportException failure
                ? status.withDescription(failure.getMessage())
                : status;
    }
}
