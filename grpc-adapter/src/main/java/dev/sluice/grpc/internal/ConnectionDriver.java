package dev.sluice.grpc.internal;

import dev.sluice.mux.HandlerThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives connections to grpc-okhttp's server, and is its transport executor. The first task waits for connections, in a thread of its own, for as
 * long as the server runs; all others are the transports'. Thread-safe.
 */
public abstract class ConnectionDriver implements Executor, Http2Preface.Next {
    private final AcceptedSockets sockets;
    private final Executor threads = HandlerThreads.create("sluice-grpc-server", Integer.MAX_VALUE);
    private final AtomicBoolean accepting = new AtomicBoolean();
    private volatile Thread acceptor;

    ConnectionDriver(AcceptedSockets sockets) {
        this.sockets = sockets;
    }

    @Override
    public final void execute(Runnable task) {
        if (accepting.compareAndSet(false, true)) {
            threads.execute(() -> accept(task));
        } else {
            executeOfTransport(task);
        }
    }

    /** If that ends, for whatever reason, no connection must wait for it. */
    private void accept(Runnable task) {
        acceptor = Thread.currentThread();
        try {
            task.run();
        } finally {
            acceptor = null;
            sockets.closeAll();
        }
    }

    /** Executes what a transport hands in. */
    abstract void executeOfTransport(Runnable task);

    /** Returns where the server takes its connections from. */
    final AcceptedSockets sockets() {
        return sockets;
    }

    /** Returns threads that may block. */
    final Executor threads() {
        return threads;
    }

    /** Returns whether the calling thread is the one that accepts connections, and begins their transports. */
    final boolean isAcceptor() {
        return Thread.currentThread() == acceptor;
    }
}
