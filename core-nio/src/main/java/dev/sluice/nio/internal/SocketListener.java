package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.SelectionHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Accepts on one loop and deals the connections out to all loops of the group. Running out of file descriptors, or of buffers,
 * makes it wait, never stop.
 */
final class SocketListener implements Listener, SelectionHandler {
    private static final Logger LOG = System.getLogger(SocketListener.class.getName());
    private static final int ACCEPTS_PER_TURN = 64;
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(100);
    private static final Duration RETRY_UNDER_PRESSURE = Duration.ofMillis(10);
    private static final long WARN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Many times longer than a loop takes to come around. */
    private static final long LOOP_LIMIT_SECONDS = 10;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final ServerChannel server;
    private final SocketKind kind;
    private final Endpoint endpoint;
    private final SocketOptions options;
    private final Acceptor acceptor;
    private final int maxConnections;
    private final Runnable afterClose;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    /** At the limit: nothing is accepted until a connection ends. */
    private volatile boolean full;

    private SelectionKey key;
    private boolean backingOff;
    private long lastWarnNanos;

    SocketListener(
            EventLoopGroup group,
            SocketKind kind,
            ServerChannel server,
            Endpoint endpoint,
            Acceptor acceptor,
            int maxConnections,
            Runnable afterClose) {
        this.group = group;
        this.loop = group.next();
        this.kind = kind;
        this.server = server;
        this.endpoint = endpoint;
        this.options = kind.options(endpoint);
        this.acceptor = acceptor;
        this.maxConnections = maxConnections;
        this.afterClose = afterClose;
        this.lastWarnNanos = loop.nanoTime() - WARN_EVERY_NANOS;
    }

    /**
     * Begins to accept; waits until it has, but not on a loop.
     *
     * @throws TransportException if it cannot; the address is free then
     */
    void start() throws TransportException {
        CompletableFuture<Void> registered = new CompletableFuture<>();
        try {
            if (!loop.post(() -> register(registered))) {
                throw new TransportException(Reason.SHUTDOWN, "listen on " + endpoint + ": the event loop has ended");
            }
            if (!EventLoop.isLoopThread()) {
                registered.get(LOOP_LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (TransportException e) {
            free();
            throw e;
        } catch (ExecutionException e) {
            free();
            throw bindFailure(endpoint, e.getCause(), "; its event loop cannot watch the address");
        } catch (TimeoutException e) {
            free();
            throw new TransportException(
                    Reason.TIMEOUT, "listen on " + endpoint + ": its event loop is busy or blocked", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            free();
            throw new TransportException(Reason.CANCELLED, "listen on " + endpoint + ": interrupted", e);
        }
    }

    private void register(CompletableFuture<Void> registered) {
        try {
            server.channel().configureBlocking(false);
            loop.register(server.channel(), SelectionKey.OP_ACCEPT, this);
            registered.complete(null);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "cannot accept on " + endpoint, e);
            registered.completeExceptionally(e);
        }
    }

    private void free() {
        closeChannel();
        afterClose.run();
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public Stats stats() {
        return new Stats(accepted.get(), failures.get());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Void> freed = new CompletableFuture<>();
        if (!loop.post(() -> closeOnLoop(freed))) {
            closeChannel(); // the loop has ended
        } else if (!EventLoop.isLoopThread()) {
            await(freed);
        }
        afterClose.run();
    }

    private void await(CompletableFuture<Void> freed) {
        try {
            freed.get(LOOP_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            LOG.log(Level.DEBUG, "the loop of " + endpoint + " ended and closed it", e);
        } catch (TimeoutException e) {
            LOG.log(Level.WARNING, "closing " + endpoint + " takes long: its loop is busy or blocked");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The descriptor goes with the next select, so that is waited for. */
    private void closeOnLoop(CompletableFuture<Void> freed) {
        closeChannel();
        loop.addPending(freed);
        loop.schedule(Duration.ZERO, () -> {
            loop.removePending(freed);
            freed.complete(null);
        });
    }

    private void closeChannel() {
        try {
            server.channel().close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the listener of " + endpoint, e);
        }
    }

    @Override
    public void onRegistered(SelectionKey newKey) {
        key = newKey;
    }

    @Override
    public void onSelected(int readyOps) {
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            if (open.get() >= maxConnections) {
                waitForRoom();
                return;
            }
            if (group.buffers().isUnderPressure()) {
                backOff(RETRY_UNDER_PRESSURE);
                return;
            }
            SocketChannel socket;
            try {
                socket = server.source().accept();
            } catch (IOException e) {
                acceptFailed(e);
                return;
            }
            if (socket == null) {
                return;
            }
            accepted.incrementAndGet();
            open.incrementAndGet();
            deal(socket);
        }
    }

    private void waitForRoom() {
        full = true;
        updateInterest();
        if (open.get() < maxConnections) { // ended before its end could see that we wait
            roomAgain();
        }
    }

    private void connectionEnded() {
        open.decrementAndGet();
        if (full) {
            onLoop(this::roomAgain);
        }
    }

    private void roomAgain() {
        full = false;
        updateInterest();
    }

    private void deal(SocketChannel socket) {
        EventLoop target = group.next();
        if (target == loop) {
            open(target, socket);
            return;
        }
        if (!target.post(() -> open(target, socket))) {
            drop(socket, new TransportException(Reason.SHUTDOWN, "the loop of the connection has ended"));
        }
    }

    private void open(EventLoop target, SocketChannel socket) {
        try {
            socket.configureBlocking(false);
            options.apply(socket);
            SocketConnection connection =
                    new SocketConnection(target, kind, socket, endpoint, SocketEndpoints.remote(socket, endpoint));
            connection.whenClosed(cause -> connectionEnded());
            connection.accept(acceptor);
        } catch (IOException | RuntimeException e) {
            drop(socket, e);
        }
    }

    /** The peer may be gone already; that is its affair. */
    private void drop(SocketChannel socket, Throwable why) {
        LOG.log(Level.DEBUG, "dropping a connection that was just accepted", why);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing it", e);
        }
        connectionEnded();
    }

    private void acceptFailed(IOException e) {
        if (!server.channel().isOpen()) {
            return;
        }
        failures.incrementAndGet();
        long now = loop.nanoTime();
        if (now - lastWarnNanos >= WARN_EVERY_NANOS) {
            lastWarnNanos = now;
            LOG.log(Level.WARNING, "cannot accept on {0}, trying on: {1}{2}", endpoint, e.getMessage(), hintFor(e));
        }
        backOff(RETRY_AFTER_FAILURE);
    }

    private static String hintFor(IOException e) {
        boolean descriptors = String.valueOf(e.getMessage()).contains("Too many open files");
        return descriptors ? " (raise the limit of open files, ulimit -n)" : "";
    }

    private void backOff(Duration pause) {
        backingOff = true;
        updateInterest();
        loop.schedule(pause, () -> {
            backingOff = false;
            updateInterest();
        });
    }

    private void updateInterest() {
        if (key != null && key.isValid()) {
            key.interestOps(full || backingOff ? 0 : SelectionKey.OP_ACCEPT);
        }
    }

    private void onLoop(Runnable task) {
        if (loop.isInLoop()) {
            task.run();
            return;
        }
        if (!loop.post(task)) {
            LOG.log(Level.DEBUG, "the loop of " + endpoint + " has ended");
        }
    }

    /** What a failure to bind means to a person. */
    static TransportException bindFailure(Endpoint endpoint, Throwable e, String advice) {
        TransportException failure = TransportException.of("listen on " + endpoint, e);
        // Nobody refuses whoever listens: a file or directory is missing.
        Reason reason = failure.reason() == Reason.REFUSED ? Reason.IO_ERROR : failure.reason();
        return new TransportException(reason, failure.getMessage() + advice, e);
    }
}
