package dev.sluice.streamrpc.framed.internal;

import dev.sluice.mux.HandlerThreads;
import java.util.concurrent.Executor;

/**
 * Threads for what connections need beside calls. Clients and servers share them, apart from the executors that they were given: if all threads of
 * those are at calls, or if they run tasks on the loop, a connection must be kept alive nevertheless. Thread-safe.
 */
final class UpkeepThreads {
    /** For heartbeats, which take a moment each. */
    static final Executor HEARTBEATS =
            HandlerThreads.create("sluice-framed-heartbeat", HandlerThreads.DEFAULT_MAX_THREADS);

    /** For what waits for the peer, and so must not be in the way of heartbeats. */
    static final Executor WAITING = HandlerThreads.create("sluice-framed-upkeep", HandlerThreads.DEFAULT_MAX_THREADS);

    private UpkeepThreads() {}
}
