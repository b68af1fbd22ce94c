package dev.sluice.bench.echo;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;

/** Sluice's echo server. */
public final class SluiceEchoServer implements MeasuredServer {
    private final EventLoopGroup group;
    private final Listener listener;

    /** Starts to listen. */
    public SluiceEchoServer(String endpoint, IdleStrategy idle) throws TransportException {
        group = EventLoopGroup.builder().loops(1).idle(idle).build();
        try {
            listener = group.listen(Endpoint.parse(endpoint), connection -> new EchoHandler());
        } catch (TransportException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    /** Returns the loop and its counters. */
    public EventLoopGroup group() {
        return group;
    }

    @Override
    public String endpoint() {
        return listener.endpoint().toString();
    }

    @Override
    public void close() {
        listener.close();
        group.close();
    }
}
