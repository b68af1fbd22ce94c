package dev.sluice.mux;

import dev.sluice.nio.Acceptor;

/**
 * The part of a connection's life in which it has to prove its worth. One deadline covers all of it, from accept to the end of the
 * protocol's own handshake; a connection that is not through by then is closed with
 * {@link dev.sluice.nio.Reason#TIMEOUT}. Thread-safe.
 */
public interface Handshake {
    /** Returns when the time is over, as a time of {@link dev.sluice.nio.EventLoop#nanoTime()}. */
    long deadlineNanos();

    /** The handshake is through: no deadline any more. Idempotent. */
    void complete();

    /**
     * Returns what takes the connections that the peer opens within this one: each is detected, with a deadline of its own, and gets one of
     * the same protocols, but for those that {@linkplain Protocol#carriesConnections() carry connections}. They are counted under the name
     * of the protocol that carries them in the place of a scheme, and not against the limits of connections: how many there may be is
     * the carrier's to limit. When the server stops, it refuses them.
     *
     * @throws IllegalStateException if the protocol does not say that it carries connections
     */
    Acceptor within();

    /**
     * The client broke the protocol or was refused; counts it. The caller closes, the deadline stays. No effect after
     * {@link #complete()}.
     */
    void failed();
}
