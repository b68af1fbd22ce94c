package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import java.net.SocketAddress;

/** One end of a connection, for wherever gRPC wants an address. Carries the connection to {@link ConnectionAttributes}. Immutable. */
final class ConnectionAddress extends SocketAddress {
    private static final long serialVersionUID = 1;

    private final transient Connection connection;
    private final String text;

    ConnectionAddress(Connection connection, Endpoint end) {
        this.connection = connection;
        this.text = end.toString();
    }

    Connection connection() {
        return connection;
    }

    @Override
    public String toString() {
        return text;
    }
}
