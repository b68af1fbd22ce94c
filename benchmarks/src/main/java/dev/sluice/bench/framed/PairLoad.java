package dev.sluice.bench.framed;

import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * A load whose server is in the same process.
 *
 * @param load ended first
 */
record PairLoad(Load load, MeasuredServer server) implements Load {
    @Override
    public void run(Duration duration) throws IOException {
        load.run(duration);
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        return load.results(serverSeconds);
    }

    @Override
    public void close() throws IOException {
        try (server) {
            load.close();
        }
    }
}
