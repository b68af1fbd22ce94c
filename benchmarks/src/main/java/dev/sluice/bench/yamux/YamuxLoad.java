package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** A client that makes one test. */
final class YamuxLoad implements Load {
    private final YamuxClient client;
    private final YamuxTest test;
    private Outcome last;

    /** Takes over the client. */
    YamuxLoad(YamuxClient client, YamuxTest test) {
        this.client = client;
        this.test = test;
    }

    @Override
    public void run(Duration duration) throws IOException {
        last = client.run(test, duration);
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        return test.results(last, serverSeconds);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
