package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;

/** Sluice's side that accepts streams, on one loop. */
final class SluiceYamuxServer implements MeasuredServer {
    private final EventLoopGroup group;
    private final Listener listener;

    private SluiceYamuxServer(String endpoint, IdleStrategy idle, Acceptor connections) throws TransportException {
        group = EventLoopGroup.builder().loops(1).idle(idle).build();
        try {
            listener = group.listen(Endpoint.parse(endpoint), connections);
        } catch (TransportException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    /** Starts to listen for sessions. */
    static SluiceYamuxServer ofSessions(String endpoint, Window window, IdleStrategy idle, Acceptor streams)
            throws TransportException {
        YamuxConfig config = window.config(false);
        return new SluiceYamuxServer(
                endpoint, idle, connection -> new SessionStart(below -> Yamux.server(below, config, streams)));
    }

    /** Starts to listen for connections that are treated as streams are. */
    static SluiceYamuxServer ofConnections(String endpoint, IdleStrategy idle, Acceptor streams)
            throws TransportException {
        return new SluiceYamuxServer(endpoint, idle, streams);
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
