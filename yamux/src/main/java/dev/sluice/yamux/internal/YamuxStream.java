package dev.sluice.yamux.internal;

import java.util.Optional;

/**
 * One stream of a {@link YamuxSession}, as its driver sees it: which bytes are to be sent and have been read is counted here, while the
 * bytes themselves are the driver's. See {@link StreamState} for its life.
 *
 * <p><b>Threading:</b> confined to the session's driver.
 */
public final class YamuxStream {
    private final YamuxSession session;
    private final boolean outbound;
    private final ReceiveWindow receiveWindow;

    private long id;
    private StreamState state = StreamState.OPEN;
    private long sendWindowBytes;
    private long queuedBytes;
    private boolean closed;
    private boolean stalled;
    private boolean spent;
    private boolean roomAwaited;
    private Optional<Object> attachment = Optional.empty();

    /** What the next window update has to carry: SYN or ACK, or nothing. The session's, as is all below. */
    int greeting;
    /** Whether this is one of the streams that the peer has not yet acknowledged. */
    boolean holdsSlot;
    /** Whether this was opened by the peer and not yet accepted. */
    boolean awaitsAccept;
    /** Whether the stream is to be reset once its end was handed out. */
    boolean resetsAfterEnd;
    /** Whether this is in the output queue's list of streams with a window update to send. */
    boolean inUpdates;
    /** Whether this is in the output queue's list of streams with data to send. */
    boolean inReady;

    YamuxStream(YamuxSession session, boolean outbound, ReceiveWindow receiveWindow, long sendWindowBytes) {
        this.session = session;
        this.outbound = outbound;
        this.receiveWindow = receiveWindow;
        addCredit(sendWindowBytes);
    }

    /** Returns the number on the wire; 0 while the stream waits until the peer has acknowledged earlier ones. */
    public long id() {
        return id;
    }

    /** Returns whether this side opened the stream. */
    public boolean isOutbound() {
        return outbound;
    }

    /** Returns whether frames may still come and go. */
    public boolean isLive() {
        return state.isLive();
    }

    /** Returns whether the peer has not ended its direction, and the stream was not cut. */
    public boolean isInputOpen() {
        return state.isInputOpen();
    }

    /** Returns whether output may be {@linkplain #addOutput added}. */
    public boolean isOutputOpen() {
        return state.isOutputOpen() && !awaitsAccept;
    }

    /** Returns whether this waits to be {@linkplain #accept accepted}. */
    public boolean isWaiting() {
        return awaitsAccept;
    }

    /** Returns how many bytes were added and are not yet handed out. */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** Returns how many bytes the peer has room for, beyond those that were handed out. */
    public long sendWindowBytes() {
        return sendWindowBytes;
    }

    /** Returns how many bytes may be {@linkplain #addOutput added} now that the peer has room for; 0 while the stream waits to begin. */
    public long roomBytes() {
        return id == 0 || !isOutputOpen() ? 0 : Math.max(0, sendWindowBytes - queuedBytes);
    }

    /** Asks for one {@link SessionEvents#onRoom}, when the peer has room for more. Without effect on a stream whose output has ended. */
    public void awaitRoom() {
        roomAwaited = true;
        session.roomAwaited(this);
    }

    /** Returns how many bytes were announced by the peer and not yet {@linkplain #bytesRead read}. */
    public long unreadBytes() {
        return receiveWindow.unreadBytes();
    }

    /** Returns how large the receive window is: what may be unread at a time. */
    public long receiveWindowBytes() {
        return receiveWindow.sizeBytes();
    }

    /** Returns what the driver keeps with the stream. */
    public Optional<Object> attachment() {
        return attachment;
    }

    /** Keeps something of the driver's with the stream. */
    public void attach(Object driversOwn) {
        attachment = Optional.of(driversOwn);
    }

    /**
     * Hands a stream of the peer to the application: the peer is told.
     *
     * @throws IllegalStateException if it was accepted before, is not the peer's, or was cut
     */
    public void accept() {
        session.accept(this);
    }

    /**
     * Says that the driver holds more bytes to be sent; it is asked for them by {@link FrameSink#payload}. They may be more than the peer
     * has room for.
     *
     * @throws IllegalStateException if the output was ended or the stream cut or not yet accepted
     */
    public void addOutput(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes must not be negative, is " + bytes);
        }
        if (!isOutputOpen()) {
            throw illegal("to add output", "open output");
        }
        queuedBytes += bytes;
        session.outputAdded(this);
    }

    /**
     * Says that the application has read bytes, so that the peer gets room for others. Without effect if the unread bytes were lost.
     *
     * @throws IllegalArgumentException if fewer are unread
     */
    public void bytesRead(long bytes) {
        session.bytesRead(this, bytes);
    }

    /**
     * Ends this side's direction, after all output so far. Idempotent, and without effect on a stream that was cut.
     *
     * @throws IllegalStateException if the stream is not yet accepted
     */
    public void endOutput() {
        session.endOutput(this, false);
    }

    /**
     * Ends this side's direction, after all output so far, and reads no more: unread bytes are lost, and if the peer sends more, or does
     * not end its direction in time, the stream is reset. Idempotent, and without effect on a stream that was cut.
     *
     * @throws IllegalStateException if the stream is not yet accepted
     */
    public void close() {
        session.endOutput(this, true);
    }

    /**
     * Cuts the stream: output that was not handed out is lost, and so are unread bytes. Without effect on a stream that has ended.
     *
     * @param code told to the peer, 0 to 2^32 - 1; 0 for none. Few implementations look at it
     */
    public void reset(long code) {
        session.reset(this, code);
    }

    @Override
    public String toString() {
        return session + " stream " + (id == 0 ? "(waiting)" : id);
    }

    void assignId(long assigned) {
        id = assigned;
    }

    /** Returns whether the peer has opened the stream, or was told that this side has. */
    boolean isKnownToPeer() {
        return id != Frame.SESSION && greeting != Flags.SYN;
    }

    StreamState state() {
        return state;
    }

    /**
     * Moves to the state after an event.
     *
     * @throws IllegalStateException if the event is not legal in this state
     */
    void on(StreamState.Event event) {
        StreamState next = state.after(event);
        if (next == null) {
            throw illegal("for " + event, "a state that allows it");
        }
        state = next;
    }

    IllegalStateException illegal(String what, String expected) {
        String actual = state + (awaitsAccept ? ", not accepted" : "");
        return new IllegalStateException(this + ": expected " + expected + " " + what + ", it is " + actual);
    }

    ReceiveWindow receiveWindow() {
        return receiveWindow;
    }

    boolean isClosed() {
        return closed;
    }

    /** Reads no more. */
    void markClosed() {
        closed = true;
    }

    /** Adds room at the peer, up to what a number on the wire can say. */
    void addCredit(long bytes) {
        sendWindowBytes = Math.min(Frame.MAX_UNSIGNED, sendWindowBytes + bytes);
        stalled &= sendWindowBytes == 0;
    }

    /** Bytes were handed out. */
    void spend(long bytes) {
        spent = true;
        sendWindowBytes -= bytes;
        queuedBytes -= bytes;
    }

    /** Returns whether bytes were ever handed out. */
    boolean hasSpent() {
        return spent;
    }

    void dropOutput() {
        queuedBytes = 0;
    }

    /** Returns whether there is data, or the end, that may be handed out: not while the stream waits for its id. */
    boolean isReady() {
        return id != Frame.SESSION && (queuedBytes > 0 ? sendWindowBytes > 0 : state.isEnding());
    }

    /** Returns whether there is data that waits for room at the peer, and did not when this was last asked. */
    boolean hasStalled() {
        boolean before = stalled;
        boolean refused = roomAwaited && id != 0 && roomBytes() == 0;
        stalled = refused || (queuedBytes > 0 && sendWindowBytes == 0);
        return stalled && !before;
    }

    /** Returns whether the driver is to be told that there is room now; once. */
    boolean takeRoomAwaited() {
        boolean told = roomAwaited && roomBytes() > 0;
        roomAwaited &= !told;
        return told;
    }
}
