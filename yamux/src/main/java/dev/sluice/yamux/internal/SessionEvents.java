package dev.sluice.yamux.internal;

import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * What a {@link YamuxSession} tells the one who drives it. The session may be called from within, but for
 * {@link YamuxSession#receive}, {@link YamuxSession#poll} and {@link YamuxSession#tick}.
 */
public interface SessionEvents {
    /**
     * The peer has opened a stream. It counts as waiting until it is {@linkplain YamuxStream#accept accepted}; before that it may only be
     * reset.
     */
    void onStream(YamuxStream stream);

    /**
     * Bytes of a stream. Once the application has read them, {@link YamuxStream#bytesRead} wants to know.
     *
     * @param bytes from position to limit; a part of what was received, not to be used after this returns
     */
    void onData(YamuxStream stream, ByteBuffer bytes);

    /** There is {@linkplain YamuxStream#roomBytes room} again, as {@linkplain YamuxStream#awaitRoom asked for}. */
    void onRoom(YamuxStream stream);

    /** The peer has ended its direction of a stream, after all data so far. */
    void onEnd(YamuxStream stream);

    /** Both directions of a stream have ended, and all its frames were handed out. What is unread stays readable. */
    void onFinished(YamuxStream stream);

    /**
     * A stream was cut, not by {@link YamuxStream#reset}. Output that was not handed out is lost. Called once for a stream, last.
     *
     * @param inputKept whether unread bytes stay readable; behind them is the end if the peer told of it before, else {@code cause}
     */
    void onFailed(YamuxStream stream, TransportException cause, boolean inputKept);

    /** A ping was answered. */
    void onPong(long rttNanos);

    /** A ping was not answered in time. */
    void onPingLost();

    /** There is something to {@linkplain YamuxSession#poll poll}, again after there was nothing. */
    void onOutput();

    /**
     * The session is over, and so are all its streams. What is still to be polled, if anything, is the last frame; then the connection is to
     * be closed. Called once, last.
     *
     * @param cause {@link dev.sluice.nio.Reason#CLOSED} for an orderly end; for any other, the connection is cut when the last frame
     *     is written or after a short while
     */
    void onEnded(TransportException cause);
}
