package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractConnection;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Optional;

/** Describes the end of calls whose connection failed. Thread-safe. */
public final class ConnectionFailures implements ClientInterceptor {
    /** What callers are to see. */
    @FunctionalInterface
    public interface Description {
        /**
         * Returns the status to end a call with.
         *
         * @param transport the call's attributes, empty if it never had a connection
         */
        Status describe(Status status, Attributes transport);
    }

    private final Description description;

    /**
     * Describes by the failure itself. Of a connection that could not be made or written to grpc-okhttp tells it as a cause, which a status does not
     * print; of one that could not be read it says no more than that.
     */
    public ConnectionFailures(ConnectingSockets sockets) {
        this((status, transport) -> byFailure(status, transport, sockets));
    }

    /** Describes as told. */
    public ConnectionFailures(Description description) {
        this.description = description;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                super.onClose(
                                        status.isOk() ? status : description.describe(status, getAttributes()),
                                        trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private static Status byFailure(Status status, Attributes transport, ConnectingSockets sockets) {
        if (status.getCause() instanceof TransportException failure) {
            return status.getDescription() == null ? status.withDescription(failure.getMessage()) : status;
        }
        if (status.getCode() != Status.Code.UNAVAILABLE || status.getCause() != null) {
            return status;
        }
        return connectionOf(transport)
                .or(sockets::last) // calls that wait for a connection fail with it, and never had it
                .flatMap(ConnectionFailures::failureOf)
                .map(failure ->
                        status.withDescription(described(status, failure)).withCause(failure))
                .orElse(status);
    }

    private static String described(Status status, TransportException failure) {
        String told = status.getDescription();
        return told == null ? failure.getMessage() : told + ": " + failure.getMessage();
    }

    private static Optional<Connection> connectionOf(Attributes transport) {
        return transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof ConnectionAddress address
                ? Optional.of(address.connection())
                : Optional.empty();
    }

    private static Optional<TransportException> failureOf(Connection connection) {
        return connection instanceof AbstractConnection known
                ? known.closeCause().filter(cause -> cause.reason() != Reason.CLOSED)
                : Optional.empty();
    }
}
