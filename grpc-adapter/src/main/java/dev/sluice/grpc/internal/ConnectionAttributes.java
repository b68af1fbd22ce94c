package dev.sluice.grpc.internal;

import dev.sluice.mux.CallAttributes;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.SecurityLevel;
import io.grpc.ServerTransportFilter;
import io.grpc.internal.GrpcAttributes;
import java.net.SocketAddress;

/**
 * Tells calls what their connection is: addresses of the usual kinds where the transport has them, else the endpoints' texts; the
 * TLS session with the peer's certificates; the connection itself. Stateless.
 */
public final class ConnectionAttributes extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes transport) {
        if (!(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof ConnectionAddress address)) {
            return transport;
        }
        Connection connection = address.connection();
        Attributes.Builder attributes = transport.toBuilder()
                .set(CallAttributes.CONNECTION, connection)
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, addressOf(connection, connection.remoteEndpoint()))
                .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, addressOf(connection, connection.localEndpoint()));
        connection
                .tlsSession()
                .ifPresent(session -> attributes
                        .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
                        .set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY));
        return attributes.build();
    }

    private static SocketAddress addressOf(Connection connection, Endpoint end) {
        return end.socketAddress().orElseGet(() -> new ConnectionAddress(connection, end));
    }
}
