package dev.sluice.samples.ring;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A name at which connections are accepted. Thread-safe. */
final class RingListener implements Listener {
    private final Endpoint endpoint;
    private final EventLoopGroup group;
    private final Acceptor acceptor;
    private final Semaphore room;
    private final Runnable end;
    private final AtomicLong accepted = new AtomicLong();

    /** @param end frees the name */
    RingListener(Endpoint endpoint, EventLoopGroup group, Acceptor acceptor, int maxConnections, Runnable end) {
        this.endpoint = endpoint;
        this.group = group;
        this.acceptor = acceptor;
        this.room = new Semaphore(maxConnections);
        this.end = end;
    }

    /** Makes the server's end, on a loop of the server; returns false if it has no room for more, or is stopping. */
    boolean accept(RingConnection client, Ring toServer, Ring toClient) {
        if (!room.tryAcquire()) {
            return false;
        }
        EventLoop loop = group.next();
        RingConnection server = new RingConnection(loop, endpoint, toServer, toClient);
        toServer.connect(client, server);
        toClient.connect(server, client);
        boolean opens = loop.post(() -> {
            server.whenClosed(cause -> room.release());
            server.accept(acceptor);
        });
        if (opens) {
            accepted.incrementAndGet();
        } else {
            room.release();
        }
        return opens;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public Stats stats() {
        return new Stats(accepted.get(), 0);
    }

    @Override
    public void close() {
        end.run();
    }
}
