package dev.sluice.bench.echo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** A client that keeps a server busy in one way and counts. Not thread-safe. */
interface EchoLoad extends AutoCloseable {
    /** Puts load on the server; the results are those of the last run. */
    void run(Duration duration) throws IOException;

    /** Returns how many messages came back. */
    long echoes();

    /** Returns a new map of what was measured. */
    Map<EchoMetric, Double> results();

    @Override
    void close() throws IOException;
}
