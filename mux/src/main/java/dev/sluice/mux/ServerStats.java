package dev.sluice.mux;

import java.util.Map;

/**
 * What a server has done since it started. Immutable.
 *
 * @param accepted connections accepted
 * @param acceptFailures times accepting failed, for example for lack of file descriptors
 * @param open connections open now, those within others included
 * @param byProtocol connections that each protocol got, by its name
 * @param unmatched connections closed because no protocol wanted their first bytes
 * @param silent connections that ended before their first bytes could decide
 * @param layerTimeouts connections closed at the deadline within their layer's handshake, as TLS's
 * @param layerFailures connections whose layer's handshake failed otherwise
 * @param detectTimeouts connections closed at the deadline with too few bytes to decide
 * @param handshakeTimeouts connections closed at the deadline within their protocol's handshake
 * @param handshakeFailures connections whose handshake failed otherwise
 * @param refused connections closed at once because of a limit
 */
public record ServerStats(
        long accepted,
        long acceptFailures,
        long open,
        Map<String, Long> byProtocol,
        long unmatched,
        long silent,
        long layerTimeouts,
        long layerFailures,
        long detectTimeouts,
        long handshakeTimeouts,
        long handshakeFailures,
        long refused) {}
