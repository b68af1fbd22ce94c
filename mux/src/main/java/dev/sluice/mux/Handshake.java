package dev.sluice.mux;

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
     * The client broke the protocol or was refused; counts it. The caller closes, the deadline stays. No effect after
     * {@link #complete()}.
     */
    void failed();
}
