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
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

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
    private final ConnectionHandler handler;
    private final CompletableFuture<Connection> result;

    private List<? extends SocketAddress> addresses = List.of();
    private int nextAddress;
    private SocketChannel channel;
    private SelectionKey key;
    private Timeout deadline;
    private TransportException firstFailure;

    SocketConnector(
            EventLoop loop,
            Endpoint endpoint,
            SocketKind kind,
            ConnectionHandler handler,
            CompletableFuture<Connection> result) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.kind = kind;
        this.options = kind.options(endpoint);
        this.handler = handler;
        this.result = result;
    }

    /** Where an endpoint is. */
    interface Lookup {
        List<? extends SocketAddress> addresses() throws TransportException;
    }

    /** Begins on the loop; the lookup does not block. */
    void start(Lookup lookup, long deadlineNanos) {
        begin(deadlineNanos);
        try {
            found(lookup.addresses());
        } catch (TransportException e) {
            fail(e);
        }
    }

    /** Begins on the loop; the lookup may block and runs elsewhere. The deadline holds for it, too. */
    void startResolving(Lookup lookup, long deadlineNanos) {
        begin(deadlineNanos);
        try {
            Resolver.run(() -> resolve(lookup));
        } catch (RejectedExecutionException e) {
            fail(new TransportException(
                    Reason.LIMIT_EXCEEDED, "connect to " + endpoint + ": too many names wait to be resolved", e));
        }
    }

    private void resolve(Lookup lookup) {
        try {
            List<? extends SocketAddress> found = lookup.addresses();
            Loops.run(loop, () -> found(found), result);
        } catch (TransportException e) {
            Loops.run(loop, () -> fail(e), result);
        }
    }

    private void begin(long deadlineNanos) {
        loop.addPending(result);
        deadline = loop.scheduleAt(deadlineNanos, this::timedOut);
    }

    private void found(List<? extends SocketAddress> all) {
        addresses = all;
        tryNext();
    }

    private void fail(TransportException failure) {
        finish();
        result.completeExceptionally(failure);
    }

    private void tryNext() {
        if (result.isDone()) {
            return;
        }
        if (nextAddress == addresses.size()) {
            fail(firstFailure);
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
            if (kind != SocketKind.TCP && isBacklogFull(e)) {
                backlogFull();
            } else {
                attemptFailed(e);
            }
        }
    }

    /** EAGAIN: the JDK throws it, jnr says "pending"; either way the kernel has forgotten us. */
    static boolean isBacklogFull(Exception e) {
        return e instanceof SocketException && String.valueOf(e.getMessage()).contains("temporarily unavailable");
    }

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
        SocketConnection connection =
                new SocketConnection(loop, kind, channel, SocketEndpoints.local(channel, endpoint), endpoint);
        connection.start(handler);
        finish();
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
        closeChannel();
        fail(new TransportException(Reason.TIMEOUT, "connect to " + endpoint + ": no answer within the time given"));
    }

    private void finish() {
        deadline.cancel();
        loop.removePending(result);
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
