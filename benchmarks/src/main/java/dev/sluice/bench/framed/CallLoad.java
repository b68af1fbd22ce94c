package dev.sluice.bench.framed;

import dev.sluice.bench.harness.Latencies;
import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Makes the calls of one test, one after the other. */
final class CallLoad implements Load {
    private static final double GIBIBYTE = 1 << 30;
    private static final double REPORTED_CALLS = 100_000;

    private final Calls calls;
    private final FramedTest test;
    private final long bytesPerCall;
    private final Latencies latencies = new Latencies();
    private long bytes;
    private long nanos;

    /** Takes over the calls. */
    CallLoad(Calls calls, FramedTest test, long bytesPerCall) {
        this.calls = calls;
        this.test = test;
        this.bytesPerCall = bytesPerCall;
    }

    @Override
    public void run(Duration duration) throws IOException {
        latencies.reset();
        bytes = 0;
        long begin = System.nanoTime();
        long now = begin;
        do {
            long sentAt = now;
            long moved = test.makeOn(calls, bytesPerCall);
            if (test.isBulk() && moved != bytesPerCall) {
                throw new IOException(test + ": " + moved + " bytes arrived, of " + bytesPerCall);
            }
            bytes += moved;
            now = System.nanoTime();
            latencies.record(now - sentAt);
        } while (now - begin < duration.toNanos());
        nanos = now - begin;
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        if (test.isBulk()) {
            results.put(Metric.GIBIBYTES_PER_SECOND, bytes / GIBIBYTE / (nanos / 1e9));
            results.put(Metric.SERVER_SECONDS_PER_GIBIBYTE, serverSeconds / (bytes / GIBIBYTE));
        } else {
            latencies.addTo(results);
            results.put(Metric.SERVER_SECONDS_PER_100K_CALLS, serverSeconds * REPORTED_CALLS / latencies.count());
        }
        return results;
    }

    @Override
    public void close() throws IOException {
        calls.close();
    }
}
