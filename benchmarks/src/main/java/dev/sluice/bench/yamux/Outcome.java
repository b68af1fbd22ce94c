package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Latencies;
import dev.sluice.bench.harness.Metric;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a client found in one run.
 *
 * @param count of writes, echoes or streams, at least 1
 * @param bytes that were written, and that the peer got
 * @param nanos until the peer had all
 * @param latencies of echoes; empty if there were none
 */
record Outcome(long count, long bytes, long nanos, Map<Metric, Double> latencies) {
    static final int ECHO_BYTES = 64;

    /** The same, of latencies that were recorded here. */
    Outcome(long count, long bytes, long nanos, Latencies roundTrips) {
        this(count, bytes, nanos, shown(roundTrips));
    }

    private static Map<Metric, Double> shown(Latencies roundTrips) {
        Map<Metric, Double> latencies = new EnumMap<>(Metric.class);
        if (roundTrips.count() > 0) {
            roundTrips.addTo(latencies);
        }
        return latencies;
    }

    double countPerSecond() {
        return count * 1e9 / nanos;
    }

    double bytesPerSecond() {
        return bytes * 1e9 / nanos;
    }
}
