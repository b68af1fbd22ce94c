package dev.sluice.grpc.internal;

import dev.sluice.nio.EventLoopGroup;

/** The loops of channels that were given none: one for the process, whose daemon thread sleeps while nobody connects. */
public final class ClientLoops {
    private ClientLoops() {}

    /** Returns the group, created at the first call and never closed. */
    public static EventLoopGroup shared() {
        return Holder.GROUP;
    }

    private static final class Holder {
        static final EventLoopGroup GROUP =
                EventLoopGroup.builder().loops(1).name("sluice-grpc-client").build();
    }
}
