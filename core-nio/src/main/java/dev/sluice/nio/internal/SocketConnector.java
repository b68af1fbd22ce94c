package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.SelectionHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One attempt to connect: tries the addresses of an endpoint in order until one answers or the deadline passes. Loop-confined.
 */
final class SocketConnector implements SelectionHandler {
    private static final Logger LOG = System.getLogger(SocketConnector.class.getName());
    /** A Unix socket whose backlog is full refuses at once instead of waiting; so we wait and ask again. */
    private static final Duration BACKLOG_RETRY = Duration.ofMillis(5);

    private final EventLoop loop;
    private final Endpoint endpoint;
    private final SocketKind kind;
    private final SocketOptions options;
    private final List<? extends SocketAddress> addresses;
    private final ConnectionHandler handler;
    private final CompletableFuture<Connection> result;

    private int nextAddress;
    private SocketChannel channel;
    private SelectionKey key;
    private Timeout deadline;
    private TransportException firstFailure;

    SocketConnector(
            EventLoop loop,
            Endpoint endpoint,
            SocketKind kind,
            List<? extends SocketAddress> addresses,
            ConnectionHandler handler,
            CompletableFuture<Connection> result) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.kind = kind;
        this.options = kind.options(endpoint);
        this.addresses = addresses;
        this.handler = handler;
        this.result = result;
    }

    /** Begins on the loop. */
    void start(long deadlineNanos) {
        loop.addConnecting(result);
        deadline = loop.scheduleAt(deadlineNanos, this::timedOut);
        tryNext();
    }

    private void tryNext() {
        if (result.isDone()) {
            return;
        }
        if (nextAddress == addresses.size()) {
            finish();
            result.completeExceptionally(firstFailure);
            return;
        }
        SocketAddress address = addresses.get(nextAddress++);
        try {
            channel = kind.open();
            channel.configureBlocking(false);
            options.apply(channel);
            if (channel.connect(address)) {
                connected();
            } else if (kind != SocketKind.TCP) {
                backlogFull();
            } else {
                loop.register(channel, SelectionKey.OP_CONNECT, this);
            }
        } catch (IOException | RuntimeException e) {
            attemptFailed(e);
        }
    }

    /** The JDK says "pending" for a Unix socket whose backlog is full, but the kernel has forgotten us. */
    private void backlogFull() {
        closeChannel();
        nextAddress--;
        loop.schedule(BACKLOG_RETRY, this::tryNext);
    }

    @Override
    public void onRegistered(SelectionKey newKey) {
        key = newKey;
    }

    @Override
    public void onSelected(int readyOps) {
        try {
            if (channel.finishConnect()) {
                connected();
            }
        } catch (IOException | RuntimeException e) {
            attemptFailed(e);
        }
    }

    private void connected() throws IOException {
        finish();
        SocketConnection connection =
                new SocketConnection(loop, kind, channel, SocketEndpoints.local(channel, endpoint), endpoint);
        connection.start(handler);
        result.complete(connection);
    }

    private void attemptFailed(Exception e) {
        closeChannel();
        TransportException failure = TransportException.of("connect to " + endpoint, e);
        if (firstFailure == null) {
            firstFailure = failure;
        } else {
            firstFailure.addSuppressed(failure);
        }
        tryNext();
    }

    private void timedOut() {
        loop.removeConnecting(result);
        closeChannel();
        result.completeExceptionally(
                new TransportException(Reason.TIMEOUT, "connect to " + endpoint + ": no answer within the time given"));
    }

    private void finish() {
        deadline.cancel();
        loop.removeConnecting(result);
    }

    private void closeChannel() {
        if (key != null) {
            key.cancel();
        }
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a socket that did not connect", e);
        }
    }
}
