package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.grpc.Http2Limits;
import dev.sluice.nio.Connection;
import io.grpc.okhttp.internal.framed.FrameReader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Transports without threads: their connections' loops drive them. Knows grpc-okhttp's tasks apart:
 *
 * <ul>
 *   <li>what the accepting thread hands in begins the transport of the connection that it has just accepted; the same task comes
 *       back, from any thread, whenever that transport has something to write: each time its connection's loop runs it;
 *   <li>what a transport hands in as it begins is its reader of frames, which would block: {@link DrivenTransport} keeps it.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class LoopTransports extends Transports {
    private final Http2Limits limits;
    private final KeepAlive.Settings keepAlive;
    private final Consumer<Http2Breach> breaches;
    private final Map<Runnable, LoopConnection> owners = new ConcurrentHashMap<>();

    /** @param breaches told what clients did whose connections were ended for it */
    public LoopTransports(
            AcceptedSockets sockets, Http2Limits limits, KeepAlive.Settings keepAlive, Consumer<Http2Breach> breaches) {
        super(sockets);
        this.limits = limits;
        this.keepAlive = keepAlive;
        this.breaches = breaches;
    }

    /** Returns an executor for calls, which hands them on to {@code executor}. */
    public static Executor calls(Executor executor) {
        return DrivenTransport.afterwards(executor);
    }

    @Override
    public void opened(Connection connection) {
        LoopConnection driven = new LoopConnection(connection, limits, keepAlive, breaches);
        connection.handler(driven);
        sockets().add(driven.socket());
    }

    @Override
    void executeOfTransport(Runnable task) {
        if (task instanceof FrameReader.Handler) {
            DrivenTransport.begun(task);
            return;
        }
        LoopConnection owner = owners.get(task);
        if (owner != null) {
            owner.execute();
        } else if (isAcceptor()) {
            begin(task);
        } // else the transport has ended
    }

    private void begin(Runnable transport) {
        LoopConnection owner = ((LoopSocket) sockets().lastAccepted()).owner();
        owners.put(transport, owner);
        owner.begin(transport, () -> owners.remove(transport));
    }
}
