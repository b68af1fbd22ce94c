package dev.sluice.streamrpc.internal;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What all connections of a server share.
 *
 * @param methods that are served
 * @param executor where requests are parsed and methods run
 * @param counters of calls
 * @param requestMemory for requests that are not yet complete
 * @param idleTimeout after which a stream in which nothing moves is cut; zero for never
 * @param draining whether the server stops: what comes now is rejected
 */
public record ServerConfig(
        MethodTable methods,
        Executor executor,
        CallCounters counters,
        RequestMemory requestMemory,
        Duration idleTimeout,
        BooleanSupplier draining) {}
