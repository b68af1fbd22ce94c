package dev.sluice.streamrpc.internal;

import dev.sluice.streamrpc.StreamRpcServer;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a server. Thread-safe. */
public final class CallCounters {
    final LongAdder accepted = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder failed = new LongAdder();

    /** Returns the sums. */
    public StreamRpcServer.Stats snapshot() {
        return new StreamRpcServer.Stats(accepted.sum(), rejected.sum(), failed.sum());
    }
}
