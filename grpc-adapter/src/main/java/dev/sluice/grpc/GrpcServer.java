package dev.sluice.grpc;

import dev.sluice.grpc.internal.AcceptedSockets;
import dev.sluice.grpc.internal.ConnectionAttributes;
import dev.sluice.grpc.internal.ConnectionContext;
import dev.sluice.grpc.internal.ConnectionDriver;
import dev.sluice.grpc.internal.HandlerFailures;
import dev.sluice.grpc.internal.Http2Preface;
import dev.sluice.grpc.internal.LoopDriver;
import dev.sluice.grpc.internal.LoopProbe;
import dev.sluice.grpc.internal.ServerSettings;
import dev.sluice.grpc.internal.ThreadDriver;
import dev.sluice.grpc.internal.sidechannel.OfferContext;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * gRPC's server on connections of a {@link dev.sluice.mux.SluiceServer}. The handshake lasts until the client has sent HTTP/2's preface
 * and the header of its first frame, which must be SETTINGS (RFC 9113, section 3.4); until then the client costs nothing of gRPC's.
 *
 * <p>What a method throws ends its call with the status that it carries, or INTERNAL.
 *
 * <p>A stop is graceful: new calls are refused by GOAWAY, sent twice, and running ones may end within the server's drain limit.
 *
 * <p>Connections are driven by their loops, or by threads of their own: {@link GrpcServerOptions.Driving}. Methods run on a few threads, and more once
 * they block, or on the builder's executor, which must not refuse them: the connection is cut. With {@code directExecutor()} they run where
 * the connection is driven, and must not block if that is its loop; so do a {@link io.grpc.ServerTransportFilter} and a {@link io.grpc.ServerStreamTracer} always.
 *
 * <p>For one {@link dev.sluice.mux.SluiceServer}, and not again after {@link #drain}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class GrpcServer implements Protocol {
    private final AcceptedSockets sockets = new AcceptedSockets();
    private final OkHttpServerBuilder builder;
    private final ConnectionDriver driver;
    private final Map<Http2Breach, LongAdder> breaches = new EnumMap<>(Http2Breach.class);
    /** Null until the first connection: a server that was never used leaves nothing behind, as in channelz. */
    private Server server;

    private boolean draining;

    GrpcServer(GrpcServerOptions options, Consumer<? super ServerBuilder<?>> settings) {
        for (Http2Breach breach : Http2Breach.values()) {
            breaches.put(breach, new LongAdder());
        }
        builder = OkHttpServerBuilder.forPort(sockets.address(), InsecureServerCredentials.create())
                .socketFactory(sockets)
                .maxConcurrentCallsPerConnection(options.maxConcurrentCalls())
                .flowControlWindow(options.flowControlWindowBytes())
                .addTransportFilter(new ConnectionAttributes())
                .intercept(new HandlerFailures()); // the first, hence the innermost
        ServerSettings watched = new ServerSettings(builder);
        settings.accept(watched);
        builder.intercept(new OfferContext());
        builder.intercept(new ConnectionContext()); // the last, hence the first to run
        driver = driver(options, watched);
        builder.transportExecutor(driver);
    }

    private ConnectionDriver driver(GrpcServerOptions options, ServerSettings settings) {
        Consumer<Http2Breach> listener = breach -> breaches.get(breach).increment();
        if (options.driving() == GrpcServerOptions.Driving.LOOPS && LoopProbe.isPossible()) {
            LoopDriver loops = new LoopDriver(sockets, options, settings.keepAlive(), listener);
            settings.driveBy(loops);
            return loops;
        }
        return new ThreadDriver(sockets, options, listener);
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
    public List<String> applicationProtocols() {
        return List.of("h2");
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        start();
        return new Http2Preface(handshake, driver);
    }

    private synchronized void start() {
        if (server != null || draining) {
            return;
        }
        try {
            server = builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException("gRPC's server does not start", e);
        }
    }

    @Override
    public synchronized void drain() {
        draining = true;
        if (server != null) {
            server.shutdown();
        }
        sockets.closeAll();
    }

    /** Returns what drives the connections: what was asked for, or what this version of grpc-okhttp allows. */
    public GrpcServerOptions.Driving driving() {
        return driver instanceof LoopDriver ? GrpcServerOptions.Driving.LOOPS : GrpcServerOptions.Driving.THREADS;
    }

    /** Returns how many connections were ended for each kind of misbehaviour. */
    public Map<Http2Breach, Long> breaches() {
        Map<Http2Breach, Long> counts = new EnumMap<>(Http2Breach.class);
        breaches.forEach((breach, count) -> counts.put(breach, count.sum()));
        return counts;
    }

    /** Returns whether {@link #drain} was called. */
    public synchronized boolean isShutdown() {
        return draining;
    }

    /** Waits until all connections have ended after {@link #drain}; returns whether they have. */
    public boolean awaitTermination(Duration limit) throws InterruptedException {
        Server used;
        synchronized (this) {
            used = server;
        }
        return used == null || used.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
