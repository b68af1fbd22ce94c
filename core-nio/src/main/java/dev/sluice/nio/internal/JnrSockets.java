package dev.sluice.nio.internal;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/** The only class that names jnr-unixsocket, which may be absent. */
final class JnrSockets {
    private JnrSockets() {}

    static SelectorProvider provider() {
        return NativeSelectorProvider.getInstance();
    }

    static SocketChannel open() throws IOException {
        return UnixSocketChannel.create();
    }

    static ServerChannel listen(String name, int backlog) throws IOException {
        UnixServerSocketChannel channel = UnixServerSocketChannel.open();
        try {
            channel.socket().bind(new UnixSocketAddress(abstractName(name)), backlog);
            return new ServerChannel(channel, channel::accept);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static SocketAddress address(String name) {
        return new UnixSocketAddress(abstractName(name));
    }

    /** A leading NUL makes the name abstract, unix(7). */
    private static String abstractName(String name) {
        return '\0' + name;
    }
}
