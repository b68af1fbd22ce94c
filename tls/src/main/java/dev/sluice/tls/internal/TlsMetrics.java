package dev.sluice.tls.internal;

import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.LogLimiter;
import dev.sluice.tls.TlsFailure;
import dev.sluice.tls.TlsStats;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts handshakes, and says why they or their connections failed: one line a second for each kind at most. Thread-safe. */
public final class TlsMetrics {
    private static final Logger LOG = System.getLogger("dev.sluice.tls");

    private final LongAdder handshakes = new LongAdder();
    private final Map<TlsFailure, LongAdder> failures = new EnumMap<>(TlsFailure.class);
    private final Map<TlsFailure, LogLimiter> logs = new EnumMap<>(TlsFailure.class);

    /** Creates metrics that are all zero. */
    public TlsMetrics() {
        for (TlsFailure kind : TlsFailure.values()) {
            failures.put(kind, new LongAdder());
            logs.put(kind, new LogLimiter(LOG, levelOf(kind)));
        }
    }

    private static Level levelOf(TlsFailure kind) {
        return switch (kind) {
            case TRUNCATED, GIVEN_UP -> Level.DEBUG; // scanners and impatient clients cause these all day
            case OVERLOADED -> Level.WARNING; // the operator can act on it
            default -> Level.INFO;
        };
    }

    void established() {
        handshakes.increment();
    }

    void failed(TransportException why) {
        TlsFailure kind = Failures.kindOf(why);
        failures.get(kind).increment();
        logs.get(kind).log(why.getMessage());
    }

    /** Returns the counts. */
    public TlsStats stats() {
        Map<TlsFailure, Long> counts = new EnumMap<>(TlsFailure.class);
        failures.forEach((kind, count) -> counts.put(kind, count.sum()));
        return new TlsStats(handshakes.sum(), Map.copyOf(counts));
    }
}
