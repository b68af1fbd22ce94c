package dev.sluice.grpc.internal;

import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import io.grpc.okhttp.internal.framed.FrameReader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * ConnectionDriver without threads: their connections' loops drive them. Knows grpc-okhttp's tasks apart:
 *
 * <ul>
 *   <li>what the accepting thread hands in begins the transport of the connection that it has just accepted; the same task comes
 *       back, from any thread, whenever that transport has something to write: each time its connection's loop runs it;
 *   <li>what a transport hands in as it begins is its reader of frames, which would block: {@link OkHttpTransport} keeps it.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class LoopDriver extends ConnectionDriver {
    private final GrpcServerOptions options;
    private final KeepAlive.Settings keepAlive;
    private final Consumer<Http2Breach> breaches;
    private final Map<Runnable, DrivenConnection> owners = new ConcurrentHashMap<>();
    /** One that calls may run on: the last connection's. */
    private volatile EventLoop loop;

    /** @param breaches told what clients did whose connections were ended for it */
    public LoopDriver(
            AcceptedSockets sockets,
            GrpcServerOptions options,
            KeepAlive.Settings keepAlive,
            Consumer<Http2Breach> breaches) {
        super(sockets);
        this.options = options;
        this.keepAlive = keepAlive;
        this.breaches = breaches;
    }

    /**
     * Returns an executor for calls, which hands them on to {@code executor}, never from within grpc-okhttp.
     *
     * @param direct whether that runs them at once: then a call that has to run as the application writes does so on a loop
     */
    Executor calls(Executor executor, boolean direct) {
        return OkHttpTransport.afterwards(executor, direct ? this::executeOnLoop : Runnable::run);
    }

    private void executeOnLoop(Runnable call) {
        EventLoop any = loop;
        if (any == null || !any.post(call)) {
            call.run(); // there is no connection to write to
        }
    }

    @Override
    public void opened(Connection connection) {
        loop = connection.loop();
        DrivenConnection driven = new DrivenConnection(connection, options, keepAlive, breaches);
        connection.handler(driven);
        sockets().add(driven.socket());
    }

    @Override
    void executeOfTransport(Runnable task) {
        if (task instanceof FrameReader.Handler) {
            OkHttpTransport.begun(task);
            return;
        }
        DrivenConnection owner = owners.get(task);
        if (owner != null) {
            owner.execute();
        } else if (isAcceptor()) {
            begin(task);
        } // else the transport has ended
    }

    private void begin(Runnable transport) {
        DrivenConnection owner = ((LoopSocket) sockets().lastAccepted()).owner();
        owners.put(transport, owner);
        owner.begin(transport, () -> owners.remove(transport));
    }
}
