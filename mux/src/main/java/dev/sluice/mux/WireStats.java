package dev.sluice.mux;

import dev.sluice.nio.Reason;
import java.time.Duration;
import java.util.Map;

/**
 * What a server has done since it started with the connections of one kind of address, as {@code tcp} or {@code tls+unix}. Immutable.
 *
 * @param accepted connections accepted
 * @param refused connections closed at once because of a limit
 * @param byProtocol connections by the protocol that they speak, by its name; {@link #UNDETECTED} for those of which that is not known
 *     yet, or never was
 * @param handshakes how long the steps took of those connections that were through them
 */
public record WireStats(
        long accepted, long refused, Map<String, Connections> byProtocol, Map<HandshakeStep, Times> handshakes) {
    /** Stands for a protocol before there is one. */
    public static final String UNDETECTED = "undetected";

    /**
     * Connections that speak one protocol. What a layer such as TLS adds counts among the bytes.
     *
     * @param open now
     * @param closed since the start, by why; each reason is there
     * @param bytesIn read since the start, also from those that are open; never less than before
     * @param bytesOut as {@code bytesIn}, of what was written
     */
    public record Connections(long open, Map<Reason, Long> closed, long bytesIn, long bytesOut) {}

    /**
     * How long something took, several times.
     *
     * @param count how often
     * @param total all together
     */
    public record Times(long count, Duration total) {}
}
