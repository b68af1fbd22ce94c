package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.FramedLimits;
import dev.sluice.streamrpc.internal.RequestMemory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What all connections of a server share. Thread-safe.
 *
 * @param endpoints that are served
 * @param extended whether the extensions are spoken
 * @param executor where connections are served: a thread for each, from its first request on
 * @param limits of messages
 * @param requestMemory of requests in JSON that are not yet complete
 * @param keepAlive how long a client may be silent
 * @param counters of calls
 * @param connections that are served now
 * @param draining whether the server stops
 */
public record ServerConfig(
        EndpointTable endpoints,
        boolean extended,
        Executor executor,
        FramedLimits limits,
        RequestMemory requestMemory,
        KeepAliveConfig keepAlive,
        CallCounters counters,
        Set<ServedConnection> connections,
        AtomicBoolean draining) {
    /** Creates what the connections of a new server share. */
    public static ServerConfig of(
            EndpointTable endpoints,
            boolean extended,
            Executor executor,
            FramedLimits limits,
            RequestMemory requestMemory,
            KeepAliveConfig keepAlive) {
        return new ServerConfig(
                endpoints,
                extended,
                executor,
                limits,
                requestMemory,
                keepAlive,
                new CallCounters(),
                ConcurrentHashMap.newKeySet(),
                new AtomicBoolean());
    }

    boolean isDraining() {
        return draining.get();
    }

    /** Ends connections as soon as no call is under way on them. */
    public void drain() {
        draining.set(true);
        connections.forEach(ServedConnection::stop);
    }
}
