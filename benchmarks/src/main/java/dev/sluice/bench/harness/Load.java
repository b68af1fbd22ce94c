package dev.sluice.bench.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** A client that keeps a server busy in one way and counts. Not thread-safe. */
public interface Load extends AutoCloseable {
    /** Puts load on the server; the results are those of the last run. */
    void run(Duration duration) throws IOException;

    /**
     * Returns a new map of what was measured.
     *
     * @param serverSeconds processor time that the server's process used during the last run
     */
    Map<Metric, Double> results(double serverSeconds);

    @Override
    void close() throws IOException;
}
