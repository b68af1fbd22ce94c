package dev.sluice.nio.internal;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The options of an endpoint that sockets understand; each is named like the component here, in lower case. Immutable.
 *
 * @param backlog connections that may wait to be accepted
 * @param noDelay send small writes at once (TCP)
 * @param keepAlive probe idle peers (TCP)
 * @param sndBuf bytes of the kernel's send buffer; empty leaves it to the kernel
 * @param rcvBuf bytes of the kernel's receive buffer; empty leaves it to the kernel
 */
record SocketOptions(int backlog, boolean noDelay, boolean keepAlive, OptionalInt sndBuf, OptionalInt rcvBuf) {
    private static final int DEFAULT_BACKLOG = 1024;

    static SocketOptions tcp(Endpoint endpoint) {
        requireKnown(endpoint, Set.of("backlog", "sndbuf", "rcvbuf", "nodelay", "keepalive"));
        return new SocketOptions(
                backlog(endpoint),
                flag(endpoint, "nodelay", true),
                flag(endpoint, "keepalive", true),
                bytes(endpoint, "sndbuf"),
                bytes(endpoint, "rcvbuf"));
    }

    static SocketOptions unix(Endpoint endpoint) {
        requireKnown(endpoint, Set.of("backlog", "sndbuf", "rcvbuf", "mode"));
        return withoutTcp(endpoint);
    }

    static SocketOptions unixAbstract(Endpoint endpoint) {
        requireKnown(endpoint, Set.of("backlog"));
        return new SocketOptions(backlog(endpoint), false, false, OptionalInt.empty(), OptionalInt.empty());
    }

    private static SocketOptions withoutTcp(Endpoint endpoint) {
        return new SocketOptions(backlog(endpoint), false, false, bytes(endpoint, "sndbuf"), bytes(endpoint, "rcvbuf"));
    }

    void apply(SocketChannel channel) throws IOException {
        if (noDelay) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (keepAlive) {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (sndBuf.isPresent()) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sndBuf.getAsInt());
        }
        if (rcvBuf.isPresent()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, rcvBuf.getAsInt());
        }
    }

    private static void requireKnown(Endpoint endpoint, Set<String> known) {
        for (String name : endpoint.options().keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        endpoint + ": unknown option '" + name + "'; known are " + new TreeSet<>(known));
            }
        }
    }

    private static int backlog(Endpoint endpoint) {
        return number(endpoint, "backlog", 1).orElse(DEFAULT_BACKLOG);
    }

    private static OptionalInt bytes(Endpoint endpoint, String name) {
        return number(endpoint, name, 1024);
    }

    private static OptionalInt number(Endpoint endpoint, String name, int min) {
        if (endpoint.option(name).isEmpty()) {
            return OptionalInt.empty();
        }
        String text = endpoint.option(name).get();
        try {
            int value = Integer.parseInt(text);
            if (value >= min) {
                return OptionalInt.of(value);
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers that are too small.
        }
        throw new IllegalArgumentException(
                endpoint + ": the option '" + name + "' takes a number of at least " + min + ", is '" + text + "'");
    }

    private static boolean flag(Endpoint endpoint, String name, boolean byDefault) {
        String text = endpoint.option(name).orElse(Boolean.toString(byDefault));
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(
                    endpoint + ": the option '" + name + "' takes true or false, is '" + text + "'");
        }
        return text.equals("true");
    }
}
