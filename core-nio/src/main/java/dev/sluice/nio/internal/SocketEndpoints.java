package dev.sluice.nio.internal;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;

/** Socket addresses as endpoints. */
final class SocketEndpoints {
    private SocketEndpoints() {}

    /** This side's address; a Unix client has none, and is given the address that it connected to. */
    static Endpoint local(SocketChannel channel, Endpoint otherwise) throws IOException {
        return of(channel.getLocalAddress(), otherwise);
    }

    /** The peer's address; a Unix client has none, and is given the address that it connected to. */
    static Endpoint remote(SocketChannel channel, Endpoint otherwise) throws IOException {
        return of(channel.getRemoteAddress(), otherwise);
    }

    static Endpoint of(SocketAddress address, Endpoint otherwise) {
        if (address instanceof InetSocketAddress inet) {
            return Endpoint.tcp(inet.getAddress().getHostAddress(), inet.getPort());
        }
        return otherwise;
    }
}
