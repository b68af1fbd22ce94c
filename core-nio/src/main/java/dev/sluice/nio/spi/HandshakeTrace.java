package dev.sluice.nio.spi;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.internal.FlightEvents;

/**
 * A step of a handshake that is under way, for layers and protocols to tell the JDK's flight recorder how long it took and how it ended
 * ({@code dev.sluice.Handshake}). Costs nothing worth mentioning while nobody records. Any thread may
 * end it; the first end counts.
 */
public interface HandshakeTrace {
    /** What nobody records. */
    HandshakeTrace NONE = new HandshakeTrace() {
        @Override
        public void completed() {
            // Nobody wants to know.
        }

        @Override
        public void failed(Reason reason) {
            // Nobody wants to know.
        }
    };

    /**
     * Begins a step.
     *
     * @param step short and of few kinds, as {@code tls} or the name of a protocol
     */
    static HandshakeTrace begin(Connection connection, String step) {
        return FlightEvents.handshake(connection, step);
    }

    /** The step is through. */
    void completed();

    /** The connection ends with this step. */
    void failed(Reason reason);
}
