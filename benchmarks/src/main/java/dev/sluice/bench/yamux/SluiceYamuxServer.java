package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;

/** Sluice's side that accepts streams, on one loop. */
final class SluiceYamuxServer implements MeasuredServer {
    private final EventLoopGroup group;
    private final Listener listener;

    /** Starts to listen. */
    SluiceYamuxServer(String endpoint, Window window, Acceptor streams) throws TransportException {
        YamuxConfig config = window.config(false);
        group = EventLoopGroup.of(1);
        try {
            listener = group.listen(
                    Endpoint.parse(endpoint),
                    connection -> new SessionStart(below -> Yamux.server(below, config, streams)));
        } catch (TransportException | RuntimeException e) {
            group.close();
            throw e;
        }
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
