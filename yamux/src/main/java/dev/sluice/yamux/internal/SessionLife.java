package dev.sluice.yamux.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxException;
import java.time.Duration;
import java.util.Optional;

/** How far a session is on the way to its end, which either side may have begun, and why it is over. Confined to its session. */
final class SessionLife {
    private SessionState state = SessionState.OPEN;
    private boolean peerRefuses;
    private long endsAt = DeadlineQueue.NEVER;
    private Optional<TransportException> cause = Optional.empty();

    /** Returns whether streams of the peer are accepted. */
    boolean accepts() {
        return state == SessionState.OPEN;
    }

    boolean isOver() {
        return state == SessionState.OVER;
    }

    /**
     * Goes on to a state in which no more streams begin.
     *
     * @param limit from {@code now} on, until the session ends in any case
     * @return whether it was not there, or further, before
     */
    boolean stopOpening(SessionState next, Duration limit, long now) {
        if (!state.leadsTo(next)) {
            return false;
        }
        state = next;
        endsAt = Math.min(endsAt, DeadlineQueue.after(now, DeadlineQueue.nanos(limit)));
        return true;
    }

    /** The peer accepts no more streams. Returns true the first time. */
    boolean markRefusedByPeer() {
        boolean first = !peerRefuses;
        peerRefuses = true;
        return first;
    }

    boolean isRefusedByPeer() {
        return peerRefuses;
    }

    /** Goes on to the end. Returns whether it was not there before. */
    boolean end(TransportException why) {
        if (isOver()) {
            return false;
        }
        state = SessionState.OVER;
        cause = Optional.of(why);
        return true;
    }

    /** Returns when the session ends in any case. */
    long endsAt() {
        return endsAt;
    }

    /** Returns whether the session has nothing more to wait for than the end of its streams. */
    boolean endsWithItsStreams() {
        return state == SessionState.DRAINING || peerRefuses;
    }

    /** Returns whether the session has nothing more to wait for than what is queued. */
    boolean endsWhenAllIsSaid() {
        return state == SessionState.CLOSING;
    }

    /** @throws TransportException if {@code session} opens no streams, whoever decided that */
    void requireOpen(YamuxSession session) throws TransportException {
        if (cause.isPresent()) {
            TransportException why = cause.get();
            throw new TransportException(why.reason(), session + ": is over: " + why.getMessage(), why);
        }
        if (state != SessionState.OPEN) {
            throw closing(session);
        }
        if (peerRefuses) {
            throw refusal(session);
        }
    }

    /** Returns a new cause for streams that could not begin before this side stopped opening them. */
    static TransportException closing(YamuxSession session) {
        return new TransportException(Reason.SHUTDOWN, session + ": is being closed");
    }

    /** Returns a new cause for streams that could not begin before the peer refused them. */
    static TransportException refusal(YamuxSession session) {
        return new YamuxException(Reason.SHUTDOWN, session + ": the peer accepts no more streams", GoAway.NORMAL);
    }
}
