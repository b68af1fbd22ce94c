package dev.sluice.grpc.internal;

import dev.sluice.nio.EventLoopGroup;

/** The loops of channels that were given none: one for the process. Sockets are connected and closed here; what is no socket, as memory, has its bytes carried, too. */
public final class ClientLoops {
    private ClientLoops() {}

    /** Returns the group, created at the first call and never closed. */
    public static EventLoopGroup shared() {
        return Holder.GROUP;
    }

    private static final class Holder {
        static final EventLoopGroup GROUP =
                EventLoopGroup.builder().loops(1).name("sluice-grpc-connect").build();
    }
}
