package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.TitledTest;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What is asked of each pair, in this order. */
enum YamuxTest implements TitledTest {
    /** First: many bytes warm a fresh pair up. */
    BULK("1 stream, writes of 64 KiB", 1, 64 << 10) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            addBulk(results, outcome, serverSeconds);
        }
    },
    BULK_8("8 streams, writes of 64 KiB", 8, 64 << 10) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            addBulk(results, outcome, serverSeconds);
        }
    },
    SMALL("1 stream, writes of 128 bytes", 1, 128) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            results.put(Metric.WRITES_PER_SECOND, outcome.countPerSecond());
            results.put(Metric.MEBIBYTES_PER_SECOND, outcome.bytesPerSecond() / MEBIBYTE);
            results.put(Metric.SERVER_SECONDS_PER_GIBIBYTE, serverSeconds / (outcome.bytes() / GIBIBYTE));
        }
    },
    ECHO("1 stream, 64-byte ping-pong", 1, Outcome.ECHO_BYTES) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            results.putAll(outcome.latencies());
            results.put(Metric.SERVER_MICROS_PER_ECHO, serverSeconds * 1e6 / outcome.count());
        }
    },
    /** A stream is opened and ended; the next one follows when the peer has ended it, too. */
    OPEN_CLOSE("streams opened and ended, one after the other", 1, 0) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            results.put(Metric.STREAMS_PER_SECOND, outcome.countPerSecond());
            results.put(Metric.SERVER_MICROS_PER_STREAM, serverSeconds * 1e6 / outcome.count());
        }
    },
    BESIDE("64-byte ping-pong beside a stream with writes of 64 KiB", 1, 64 << 10) {
        @Override
        void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
            results.putAll(outcome.latencies());
            addBulk(results, outcome, serverSeconds);
        }
    };

    private static final double GIBIBYTE = 1 << 30;
    private static final double MEBIBYTE = 1 << 20;

    private final String title;
    private final int streams;
    private final int writeBytes;

    YamuxTest(String title, int streams, int writeBytes) {
        this.title = title;
        this.streams = streams;
        this.writeBytes = writeBytes;
    }

    /**
     * Returns a new map of what a report shows.
     *
     * @param serverSeconds processor time that the server's process used
     */
    Map<Metric, Double> results(Outcome outcome, double serverSeconds) {
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        addTo(results, outcome, serverSeconds);
        return results;
    }

    abstract void addTo(Map<Metric, Double> results, Outcome outcome, double serverSeconds);

    private static void addBulk(Map<Metric, Double> results, Outcome outcome, double serverSeconds) {
        results.put(Metric.GIBIBYTES_PER_SECOND, outcome.bytesPerSecond() / GIBIBYTE);
        results.put(Metric.SERVER_SECONDS_PER_GIBIBYTE, serverSeconds / (outcome.bytes() / GIBIBYTE));
    }

    @Override
    public String title() {
        return title;
    }

    /** Returns its name in the Go program. */
    String caseName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns how many streams do the same at a time. */
    int streams() {
        return streams;
    }

    /** Returns the size of each write, of the bulk where that has company. */
    int writeBytes() {
        return writeBytes;
    }
}
