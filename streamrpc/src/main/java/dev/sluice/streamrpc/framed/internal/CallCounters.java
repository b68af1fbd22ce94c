package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.FramedServer;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a server. Thread-safe. */
public final class CallCounters {
    final LongAdder answered = new LongAdder();
    final LongAdder failed = new LongAdder();

    /** Returns the sums. */
    public FramedServer.Stats snapshot() {
        return new FramedServer.Stats(answered.sum(), failed.sum());
    }
}
