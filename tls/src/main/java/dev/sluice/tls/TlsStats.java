package dev.sluice.tls;

import java.util.Map;

/**
 * What became of the handshakes of one {@link Tls}. Immutable.
 *
 * @param handshakes that succeeded
 * @param failures that failed, by why; each kind is there
 */
public record TlsStats(long handshakes, Map<TlsFailure, Long> failures) {
    /** Returns how many failed for whatever reason. */
    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }
}
