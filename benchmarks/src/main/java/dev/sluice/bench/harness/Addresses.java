package dev.sluice.bench.harness;

import dev.sluice.nio.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Endpoints as the JDK's addresses and back, for peers and clients that do not know ours. */
public final class Addresses {
    private Addresses() {}

    /** Reads {@code tcp://host:port} or {@code unix:///path}. */
    public static SocketAddress parse(String uri) {
        Endpoint endpoint = Endpoint.parse(uri);
        return switch (endpoint.scheme()) {
            case "tcp" -> new InetSocketAddress(endpoint.host(), endpoint.port());
            case "unix" -> UnixDomainSocketAddress.of(endpoint.name());
            default -> throw new IllegalArgumentException(uri + ": expected tcp://host:port or unix:///path");
        };
    }

    /** Writes the TCP address that was bound. */
    public static String format(SocketAddress bound) {
        return "tcp://127.0.0.1:" + ((InetSocketAddress) bound).getPort();
    }
}
