package dev.sluice.bench.echo;

import dev.sluice.nio.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Endpoints as the JDK's addresses, for peers and clients that do not know ours. */
final class EchoAddress {
    private EchoAddress() {}

    static SocketAddress parse(String uri) {
        Endpoint endpoint = Endpoint.parse(uri);
        return switch (endpoint.scheme()) {
            case "tcp" -> new InetSocketAddress(endpoint.host(), endpoint.port());
            case "unix" -> UnixDomainSocketAddress.of(endpoint.name());
            default -> throw new IllegalArgumentException(uri + ": expected tcp://host:port or unix:///path");
        };
    }
}
