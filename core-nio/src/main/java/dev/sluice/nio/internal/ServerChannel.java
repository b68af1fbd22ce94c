package dev.sluice.nio.internal;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A bound channel and how to accept from it: jnr's server channel is not a {@link ServerSocketChannel}.
 *
 * @param channel what the selector watches and what is closed
 * @param source accepts one connection
 */
record ServerChannel(SelectableChannel channel, Source source) {
    interface Source {
        /** Returns null if nobody waits, as the JDK's method does. */
        SocketChannel accept() throws IOException;
    }

    static ServerChannel of(ServerSocketChannel channel) {
        return new ServerChannel(channel, channel::accept);
    }
}
