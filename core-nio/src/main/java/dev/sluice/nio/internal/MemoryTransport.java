package dev.sluice.nio.internal;

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

/** {@code memory:name}: connections within this process, without the kernel. */
public final class MemoryTransport implements TransportProvider {
    private static final Map<String, MemoryListener> LISTENERS = new ConcurrentHashMap<>();

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException {
        requireNoOptions(endpoint);
        MemoryListener listener = new MemoryListener(group, endpoint, acceptor, maxConnections, LISTENERS);
        if (LISTENERS.putIfAbsent(endpoint.name(), listener) != null) {
            throw new TransportException(
                    Reason.ADDRESS_IN_USE,
                    "listen on " + endpoint + ": another server of this process listens there; choose another name");
        }
        if (!group.next().post(() -> {})) { // asks whether there is anybody to accept
            listener.close();
            throw new TransportException(Reason.SHUTDOWN, "listen on " + endpoint + ": the event loops have ended");
        }
        return listener;
    }

    private static void requireNoOptions(Endpoint endpoint) throws TransportException {
        if (!endpoint.options().isEmpty()) {
            throw new TransportException(Reason.INVALID_ENDPOINT, endpoint + ": memory endpoints take no options");
        }
    }

    @Override
    public void connect(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler handler,
            long deadlineNanos,
            CompletableFuture<Connection> result) {
        Loops.run(
                loop,
                () -> {
                    try {
                        result.complete(connect(loop, endpoint, handler));
                    } catch (TransportException e) {
                        result.completeExceptionally(e);
                    }
                },
                result);
    }

    private static Connection connect(EventLoop loop, Endpoint endpoint, ConnectionHandler handler)
            throws TransportException {
        requireNoOptions(endpoint);
        MemoryListener listener = LISTENERS.get(endpoint.name());
        MemoryPipe toServer = new MemoryPipe();
        MemoryPipe toClient = new MemoryPipe();
        if (listener == null || !listener.offer(toServer, toClient)) {
            throw new TransportException(
                    Reason.REFUSED, "connect to " + endpoint + ": no server of this process accepts there");
        }
        MemoryConnection connection = new MemoryConnection(loop, endpoint, toClient, toServer);
        connection.open(handler);
        return connection;
    }
}
