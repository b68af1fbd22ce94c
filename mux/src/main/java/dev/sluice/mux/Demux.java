package dev.sluice.mux;

import dev.sluice.mux.internal.PortMux;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import java.time.Duration;
import java.util.List;

/**
 * The protocols of connections that are accepted elsewhere, such as the streams of a session: each is detected by its first bytes and has
 * one deadline, as at a {@link SluiceServer}, but there are no addresses. How many connections there may be, and when they are cut, is their
 * owner's matter.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Demux implements Acceptor {
    private final String wire;
    private final PortMux mux;

    /**
     * Creates the demux.
     *
     * @param wire what connections are counted under, in the place of a scheme
     * @param protocols at least one; drained when this is
     * @param handshakeTimeout how long a connection has to say what it speaks and to finish that protocol's handshake, more than zero
     * @throws IllegalArgumentException if protocols clash, or there is none
     */
    public Demux(String wire, List<Protocol> protocols, Duration handshakeTimeout) {
        if (handshakeTimeout.isNegative() || handshakeTimeout.isZero()) {
            throw new IllegalArgumentException("handshakeTimeout must be more than zero, is " + handshakeTimeout);
        }
        this.wire = wire;
        this.mux = new PortMux(protocols, handshakeTimeout, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    @Override
    public ConnectionHandler onAccepted(Connection connection) {
        return mux.admit(connection, wire);
    }

    /**
     * Refuses connections from here on, closes those that have not yet said what they speak, and has the protocols drain. Does not wait. To be
     * called once.
     */
    public void drain() {
        mux.beginDrain();
    }
}
