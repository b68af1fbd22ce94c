package dev.sluice.streamrpc.internal;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What all connections of a server share.
 *
 * @param methods that are served
 * @param executor where requests are parsed and methods run
 * @param counters of calls
 * @param requestMemory for requests that are not yet complete
 * @param draining whether the server stops: what comes now is rejected
 */
public record ServerConfig(
        MethodTable methods,
        Executor executor,
        CallCounters counters,
        RequestMemory requestMemory,
        BooleanSupplier draining) {}
