package dev.sluice.tls;

import java.util.Map;

/**
 * What became of the handshakes of one {@link Tls}, and of the connections after them. Immutable.
 *
 * @param handshakes that succeeded
 * @param failures handshakes, and connections after a handshake that succeeded, that TLS made fail, by why; each kind is there. What
 *     fails below TLS after the handshake, such as a reset, does not count
 */
public record TlsStats(long handshakes, Map<TlsFailure, Long> failures) {
    /** Returns how many failed for whatever reason, in the handshake or after it. */
    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }
}
