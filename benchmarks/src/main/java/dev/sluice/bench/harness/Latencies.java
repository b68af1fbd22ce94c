package dev.sluice.bench.harness;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How long round trips took. Recording allocates nothing. Not thread-safe. */
public final class Latencies {
    private final Histogram nanos = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);

    /** Adds one; what took longer than 10 s counts as 10 s. */
    public void record(long tookNanos) {
        nanos.recordValue(Math.min(tookNanos, nanos.getHighestTrackableValue()));
    }

    /** Returns how many were recorded. */
    public long count() {
        return nanos.getTotalCount();
    }

    /** Forgets all. */
    public void reset() {
        nanos.reset();
    }

    /** Adds what a report shows of them. */
    public void addTo(Map<Metric, Double> results) {
        results.put(Metric.P50_MICROS, micros(50));
        results.put(Metric.P90_MICROS, micros(90));
        results.put(Metric.P99_MICROS, micros(99));
        results.put(Metric.P999_MICROS, micros(99.9));
    }

    private double micros(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }
}
