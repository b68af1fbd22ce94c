package dev.sluice.bench.yamux;

import java.io.IOException;
import java.time.Duration;

/** The side that opens streams, connected. Not thread-safe. */
interface YamuxClient extends AutoCloseable {
    /** Keeps a server busy for a while and waits until it has all. */
    Outcome run(YamuxTest test, Duration duration) throws IOException;

    @Override
    void close() throws IOException;
}
