package dev.sluice.bench.harness;

import java.util.Locale;

/** What a measurement yields; none yields all of them. */
public enum Metric {
    /** Median round trip or call. */
    P50_MICROS("p50 us", 1, 1, Better.LESS),
    P90_MICROS("p90 us", 1, 1, Better.NEITHER),
    P99_MICROS("p99 us", 1, 1, Better.LESS),
    P999_MICROS("p99.9 us", 1, 0, Better.NEITHER),
    /** Messages that came back per second. */
    ECHOES_PER_SECOND("k echoes/s", 1e-3, 1, Better.MORE),
    /** Unary calls that were answered per second. */
    CALLS_PER_SECOND("k calls/s", 1e-3, 1, Better.MORE),
    /** Writes whose bytes arrived per second. */
    WRITES_PER_SECOND("k writes/s", 1e-3, 0, Better.MORE),
    /** Streams that were opened and ended per second. */
    STREAMS_PER_SECOND("k streams/s", 1e-3, 1, Better.MORE),
    /** Payload that arrived per second. */
    GIBIBYTES_PER_SECOND("GiB/s", 1, 2, Better.MORE),
    /** The same where it is little and something else says who is better. */
    MEBIBYTES_PER_SECOND("MiB/s", 1, 1, Better.NEITHER),
    /** Processor time of the server's process for each message: comparable even when the client is the limit. */
    SERVER_MICROS_PER_ECHO("server us/echo", 1, 2, Better.LESS),
    /** The same for streams. */
    SERVER_MICROS_PER_STREAM("server us/stream", 1, 2, Better.LESS),
    /** The same for calls. */
    SERVER_SECONDS_PER_100K_CALLS("server CPU s/100k", 1, 2, Better.LESS),
    /** The same for payload. */
    SERVER_SECONDS_PER_GIBIBYTE("server CPU s/GiB", 1, 2, Better.LESS),
    /** How much of its core the server's process used: near 1 when the server is the limit. */
    SERVER_LOAD("server load", 1, 2, Better.NEITHER),
    /** Cores that others used meanwhile: how much the measurement was disturbed. */
    OTHER_LOAD("others' load", 1, 2, Better.NEITHER);

    /** Which way is better, for ratios; {@code NEITHER} has none. */
    enum Better {
        LESS,
        MORE,
        NEITHER
    }

    private final String head;
    private final double scale;
    private final int decimals;
    private final Better better;

    Metric(String head, double scale, int decimals, Better better) {
        this.head = head;
        this.scale = scale;
        this.decimals = decimals;
        this.better = better;
    }

    /** Returns its name in JSON, where values are not scaled. */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the head of its column. */
    public String head() {
        return head;
    }

    /** Returns what a column multiplies values by. */
    public double scale() {
        return scale;
    }

    /** Returns how many decimals a column shows. */
    public int decimals() {
        return decimals;
    }

    /** Returns whether it says who is better; what does not is background. */
    public boolean hasRatio() {
        return better != Better.NEITHER;
    }

    /** Returns whether {@code value} is better than another. */
    public boolean isBetter(double value, double than) {
        return better == Better.MORE ? value > than : value < than;
    }
}
