package dev.sluice.yamux.internal;

/** Why a session ends, in a {@link FrameType#GO_AWAY}. Peers may send any other number, too. */
public final class GoAway {
    /** No new streams, please; most implementations take it as the end of the session. */
    public static final long NORMAL = 0;

    /** The peer broke the protocol. */
    public static final long PROTOCOL_ERROR = 1;
    /** The sender cannot go on. */
    public static final long INTERNAL_ERROR = 2;

    /** In place of a number: the peer is told nothing. */
    static final long UNSAID = -1;

    private GoAway() {}
}
