package dev.sluice.samples.ring;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.TransportProvider;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code ring:name}: connections within the process, through 64 KiB each way. A transport of one's own: with its name in
 * {@code META-INF/services/dev.sluice.nio.spi.TransportProvider}, servers and clients of every protocol take its addresses.
 */
public final class RingTransport implements TransportProvider {
    private static final Map<String, RingListener> LISTENERS = new ConcurrentHashMap<>();

    @Override
    public Set<String> schemes() {
        return Set.of("ring");
    }

    @Override
    public Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException {
        RingListener listener =
                new RingListener(endpoint, group, acceptor, maxConnections, () -> LISTENERS.remove(endpoint.name()));
        if (LISTENERS.putIfAbsent(endpoint.name(), listener) != null) {
            throw new TransportException(
                    Reason.ADDRESS_IN_USE, endpoint + ": another server listens there; choose another name");
        }
        return listener;
    }

    @Override
    public void connect(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler handler,
            long deadlineNanos, // nothing here takes time
            CompletableFuture<Connection> result) {
        boolean posted = loop.post(() -> {
            try {
                result.complete(connect(loop, endpoint, handler));
            } catch (TransportException e) {
                result.completeExceptionally(e);
            }
        });
        if (!posted) {
            result.completeExceptionally(new TransportException(Reason.SHUTDOWN, "the event loop has ended"));
        }
    }

    private static Connection connect(EventLoop loop, Endpoint endpoint, ConnectionHandler handler)
            throws TransportException {
        RingListener listener = LISTENERS.get(endpoint.name());
        Ring toServer = new Ring();
        Ring toClient = new Ring();
        RingConnection client = new RingConnection(loop, endpoint, toClient, toServer);
        if (listener == null || !listener.accept(client, toServer, toClient)) {
            throw new TransportException(Reason.REFUSED, "connect to " + endpoint + ": no server accepts there");
        }
        client.open(handler);
        return client;
    }
}
