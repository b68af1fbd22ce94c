package dev.sluice.cli.demo;

import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Channels of gRPC that end together. One thread. */
final class Channels implements AutoCloseable {
    private static final int END_SECONDS = 10;

    private final EventLoopGroup loops;
    private final List<ManagedChannel> opened = new ArrayList<>();

    /** @param loops are to be closed after this */
    Channels(EventLoopGroup loops) {
        this.loops = loops;
    }

    /** Returns a channel with a connection of its own. */
    Channel open(Endpoint server) {
        ManagedChannel channel = Grpc.channelBuilder(server, loops).build();
        opened.add(channel);
        return channel;
    }

    @Override
    public void close() {
        opened.forEach(ManagedChannel::shutdownNow);
        try {
            for (ManagedChannel channel : opened) {
                channel.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
