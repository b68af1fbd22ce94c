package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;

/** A name at which connections within the process are accepted. Thread-safe. */
final class MemoryListener implements Listener {
    private static final Logger LOG = System.getLogger(MemoryListener.class.getName());
    private static final int BACKLOG = 1024;

    private final EventLoopGroup group;
    private final Endpoint endpoint;
    private final Acceptor acceptor;
    private final Map<String, MemoryListener> directory;
    private final Queue<Waiting> backlog = new ArrayDeque<>();
    private final int maxConnections;
    private int open;
    private boolean closed;
    private long accepted;

    private record Waiting(MemoryPipe toServer, MemoryPipe toClient) {}

    MemoryListener(
            EventLoopGroup group,
            Endpoint endpoint,
            Acceptor acceptor,
            int maxConnections,
            Map<String, MemoryListener> directory) {
        this.group = group;
        this.endpoint = endpoint;
        this.acceptor = acceptor;
        this.maxConnections = maxConnections;
        this.directory = directory;
    }

    /** Takes a client, or refuses it. */
    synchronized boolean offer(MemoryPipe toServer, MemoryPipe toClient) {
        if (closed || backlog.size() >= BACKLOG) {
            return false;
        }
        backlog.add(new Waiting(toServer, toClient));
        acceptWaiting();
        return true;
    }

    private void acceptWaiting() {
        while (open < maxConnections && !backlog.isEmpty()) {
            Waiting next = backlog.remove();
            EventLoop loop = group.next();
            if (loop.post(() -> open(loop, next))) {
                accepted++;
                open++;
            } else {
                LOG.log(Level.DEBUG, "the loops of {0} have ended", endpoint);
                refuse(next);
            }
        }
    }

    private void open(EventLoop loop, Waiting client) {
        MemoryConnection connection = new MemoryConnection(loop, endpoint, client.toServer(), client.toClient());
        connection.whenClosed(cause -> connectionEnded());
        connection.accept(acceptor);
    }

    private synchronized void connectionEnded() {
        open--;
        acceptWaiting();
    }

    private static void refuse(Waiting client) {
        client.toServer().closeReader();
        client.toClient().end();
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public synchronized Stats stats() {
        return new Stats(accepted, 0);
    }

    @Override
    public synchronized void close() {
        closed = true;
        directory.remove(endpoint.name(), this);
        backlog.forEach(MemoryListener::refuse);
        backlog.clear();
    }
}
