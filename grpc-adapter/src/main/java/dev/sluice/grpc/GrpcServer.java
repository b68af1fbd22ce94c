package dev.sluice.grpc;

import dev.sluice.grpc.internal.AcceptedSockets;
import dev.sluice.grpc.internal.ConnectionAttributes;
import dev.sluice.grpc.internal.ConnectionSocket;
import dev.sluice.grpc.internal.HandlerFailures;
import dev.sluice.grpc.internal.Http2Preface;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * gRPC's server on connections of a {@link dev.sluice.mux.SluiceServer}. The handshake lasts until the client has sent HTTP/2's preface
 * and the header of its first frame, which must be SETTINGS (RFC 9113, section 3.4); until then the client costs no thread.
 *
 * <p>What a method throws ends its call with the status that it carries, or INTERNAL.
 *
 * <p>A stop is graceful: new calls are refused by GOAWAY, sent twice, and running ones may end within the server's drain limit.
 *
 * <p><b>Threading:</b> thread-safe. A thread per connection reads and another one writes when there is something, virtual ones where the JDK
 * has them; where not, 2000 connections are the most.
 */
public final class GrpcServer implements Protocol {
    /** Calls that a connection may have open at a time unless set otherwise; gRPC's own default is no limit. */
    public static final int DEFAULT_MAX_CONCURRENT_CALLS = 100;

    private static final int VIRTUAL_THREADS_SINCE = 21;
    /** Threads of the platform are scarce, and gRPC's server does not outlive a lack of them. */
    private static final int MAX_CONNECTIONS =
            Runtime.version().feature() >= VIRTUAL_THREADS_SINCE ? Integer.MAX_VALUE : 2000;

    private final AcceptedSockets sockets = new AcceptedSockets();
    private final Server server;
    private final Map<Http2Breach, LongAdder> breaches = new EnumMap<>(Http2Breach.class);
    private final Executor threads = HandlerThreads.create("sluice-grpc-server", Integer.MAX_VALUE);
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean accepting = new AtomicBoolean();
    private boolean started;
    private boolean draining;

    GrpcServer(Consumer<? super ServerBuilder<?>> settings) {
        OkHttpServerBuilder builder = OkHttpServerBuilder.forPort(sockets.address(), InsecureServerCredentials.create())
                .socketFactory(sockets)
                .transportExecutor(this::execute)
                .maxConcurrentCallsPerConnection(DEFAULT_MAX_CONCURRENT_CALLS)
                .addTransportFilter(new ConnectionAttributes())
                .intercept(new HandlerFailures()); // the first, hence the innermost
        for (Http2Breach breach : Http2Breach.values()) {
            breaches.put(breach, new LongAdder());
        }
        settings.accept(builder);
        server = builder.build();
    }

    @Override
    public String name() {
        return "grpc";
    }

    @Override
    public Optional<Magic> magic() {
        return Optional.empty();
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        start();
        return new Http2Preface(handshake, this::opened);
    }

    /** The first task is the one that waits for connections. If that ends, for whatever reason, no connection must wait for it. */
    private void execute(Runnable task) {
        if (accepting.compareAndSet(false, true)) {
            threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    sockets.closeAll();
                }
            });
        } else {
            threads.execute(task);
        }
    }

    private void opened(Connection connection) throws TransportException {
        connection.whenClosed(cause -> open.decrementAndGet());
        if (open.incrementAndGet() > MAX_CONNECTIONS) {
            connection.abort(new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    connection + ": more than " + MAX_CONNECTIONS
                            + " connections of gRPC, each of which takes up to two threads on this JDK"));
            return;
        }
        sockets.add(ConnectionSocket.server(
                connection.blocking(), breach -> breaches.get(breach).increment()));
    }

    /** Begins to wait for connections once there is one, so that a server that was never used leaves nothing behind. */
    private synchronized void start() {
        if (started || draining) {
            return;
        }
        started = true;
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException("gRPC's server does not start", e);
        }
    }

    @Override
    public synchronized void drain() {
        draining = true;
        server.shutdown();
        sockets.closeAll(); // gRPC's server does that only if it was started
    }

    /** Returns how many connections were ended for each kind of misbehaviour. */
    public Map<Http2Breach, Long> breaches() {
        Map<Http2Breach, Long> counts = new EnumMap<>(Http2Breach.class);
        breaches.forEach((breach, count) -> counts.put(breach, count.sum()));
        return counts;
    }

    /** Returns whether {@link #drain} was called. */
    public boolean isShutdown() {
        return server.isShutdown();
    }

    /** Waits until all connections have ended after {@link #drain}; returns whether they have. */
    public boolean awaitTermination(Duration limit) throws InterruptedException {
        return server.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
