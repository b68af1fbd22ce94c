package dev.sluice.grpc.internal;

import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** ConnectionDriver with threads: one each that reads, and one while there is something to write. Thread-safe. */
public final class ThreadDriver extends ConnectionDriver {
    private static final int VIRTUAL_THREADS_SINCE = 21;
    /** Threads of the platform are scarce, and gRPC's server does not outlive a lack of them. */
    private static final int MAX_CONNECTIONS =
            Runtime.version().feature() >= VIRTUAL_THREADS_SINCE ? Integer.MAX_VALUE : 2000;

    private final GrpcServerOptions options;
    private final Consumer<Http2Breach> breaches;
    private final AtomicInteger open = new AtomicInteger();

    /** @param breaches told what clients did whose connections were ended for it */
    public ThreadDriver(AcceptedSockets sockets, GrpcServerOptions options, Consumer<Http2Breach> breaches) {
        super(sockets);
        this.options = options;
        this.breaches = breaches;
    }

    @Override
    public void opened(Connection connection) throws TransportException {
        connection.whenClosed(cause -> open.decrementAndGet());
        if (open.incrementAndGet() > MAX_CONNECTIONS) {
            connection.abort(new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    connection + ": more than " + MAX_CONNECTIONS
                            + " connections of gRPC, each of which takes up to two threads on this JDK"));
            return;
        }
        FrameGuard guard = new FrameGuard(options.limits(), options.maxConcurrentCalls(), connection.loop()::nanoTime);
        sockets().add(StreamSocket.server(connection.blocking(), guard, breaches));
    }

    @Override
    void executeOfTransport(Runnable task) {
        threads().execute(task);
    }
}
