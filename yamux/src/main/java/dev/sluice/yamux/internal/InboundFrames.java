package dev.sluice.yamux.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * What a session does with the frames that it receives. All checks are made on the header, before anything is kept for it. Confined to its
 * session.
 */
final class InboundFrames implements FrameReader.Visitor {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final YamuxSession session;
    private final SessionEvents events;
    private final YamuxConfig config;

    /** Whose payload comes, and who ends with this frame; null if nobody's. */
    private YamuxStream receiver;

    private boolean endsStream;
    private long frames;
    private long dropped;
    private long resets;
    private long refused;
    private long pongsDropped;
    private int earlyResets;
    private long earlyResetsSince;

    InboundFrames(YamuxSession session, SessionEvents events, YamuxConfig config) {
        this.session = session;
        this.events = events;
        this.config = config;
    }

    @Override
    public void onHeader(FrameType type, int flags, long streamId, long length) throws TransportException {
        receiver = null;
        endsStream = false;
        if (session.isOver()) {
            return; // by the application, in the middle of what was received
        }
        session.trace("in", type, flags, streamId, length);
        switch (type) {
            case PING -> onPing(flags, length);
            case GO_AWAY -> onGoAway(length);
            case DATA, WINDOW_UPDATE -> onStreamFrame(type, flags, streamId, length);
        }
    }

    @Override
    public void onPayload(ByteBuffer piece) {
        if (receiver == null || !receiver.isLive()) {
            return;
        }
        if (receiver.isClosed()) {
            session.refuseMore(receiver);
        } else {
            events.onData(receiver, piece);
        }
    }

    @Override
    public void onFrameEnd() {
        if (session.isOver()) {
            return;
        }
        frames++;
        session.heard();
        YamuxStream ending = endsStream ? receiver : null;
        receiver = null;
        if (ending != null && ending.isInputOpen()) {
            session.remoteEnd(ending);
        }
    }

    /** What frames are answered with goes out in between, lest it be too much for the queue of a peer that reads. */
    @Override
    public boolean wantsMore() {
        return !session.output().isHalfFull();
    }

    private void onPing(int flags, long value) {
        if (Flags.isSet(flags, Flags.SYN)) {
            if (!session.output().pong(value)) {
                pongsDropped++;
            }
            session.wantOutput();
        } else if (Flags.isSet(flags, Flags.ACK)) {
            session.pong(value);
        }
    }

    private void onGoAway(long code) {
        if (code == GoAway.NORMAL) {
            session.remoteGoAway();
        } else {
            session.end(
                    new YamuxException(Reason.RESET, session + ": the peer ended the session with code " + code, code));
        }
    }

    private void onStreamFrame(FrameType type, int flags, long streamId, long length) throws TransportException {
        if (streamId == Frame.SESSION) {
            throw breach("expected a stream's id, the peer sent " + Frame.describe(type, flags, streamId, length));
        }
        YamuxStream stream = session.find(streamId);
        if (stream != null) {
            onLive(stream, type, flags, length);
        } else if (!Flags.isSet(flags, Flags.SYN)) {
            dropped++; // both sides may have forgotten the stream while this was on its way: no answer
        } else if (!Flags.isSet(flags, Flags.RST)) {
            onOpen(type, flags, streamId, length);
        }
    }

    private void onLive(YamuxStream stream, FrameType type, int flags, long length) throws TransportException {
        if (Flags.isSet(flags, Flags.SYN)) {
            throw breach("expected a new id with SYN, the peer sent it for " + stream + ", which is live");
        }
        if (Flags.isSet(flags, Flags.RST)) {
            onReset(stream, type == FrameType.WINDOW_UPDATE ? length : 0);
            return;
        }
        session.acknowledged(stream); // any frame is as good as an ACK: some peers omit it
        if (type == FrameType.WINDOW_UPDATE) {
            stream.addCredit(length);
            session.roomGiven(stream);
        } else {
            charge(stream, length);
        }
        expectPayload(stream, flags);
    }

    private void onReset(YamuxStream stream, long code) throws TransportException {
        resets++;
        boolean early = !stream.isOutbound() && !stream.hasSpent();
        String why = stream + ": reset by the peer" + (code == 0 ? "" : " with code " + code);
        session.cut(stream, new YamuxException(Reason.RESET, why, code), !stream.isInputOpen());
        if (early) {
            requireFewEarlyResets();
        }
    }

    private void requireFewEarlyResets() throws TransportException {
        if (session.now() - earlyResetsSince >= SECOND_NANOS) {
            earlyResetsSince = session.now();
            earlyResets = 0;
        }
        if (++earlyResets > config.maxEarlyResets()) {
            throw breach(
                    "expected at most " + config.maxEarlyResets()
                            + " streams in a second to be opened and reset before they were answered (YamuxConfig.maxEarlyResets), the peer did so with more");
        }
    }

    private void onOpen(FrameType type, int flags, long streamId, long length) throws TransportException {
        if (!session.role().isPeers(streamId)) {
            throw breach("expected ids of the peer's own parity, it opened stream " + streamId
                    + "; do both sides believe to be the "
                    + session.role().name().toLowerCase(Locale.ROOT) + "?");
        }
        boolean data = type == FrameType.DATA;
        if (data && length > YamuxConfig.PROTOCOL_WINDOW_BYTES) {
            throw overrun("stream " + streamId, length, YamuxConfig.PROTOCOL_WINDOW_BYTES);
        }
        Optional<YamuxStream> opened = session.openInbound(streamId, data ? 0 : length);
        if (opened.isEmpty()) {
            refused++;
            session.sendRefusal(streamId);
            return;
        }
        YamuxStream stream = opened.get();
        if (data) {
            charge(stream, length);
        }
        events.onStream(stream);
        if (stream.isLive()) {
            expectPayload(stream, flags);
        }
    }

    private void charge(YamuxStream stream, long length) throws TransportException {
        long credit = stream.receiveWindow().creditBytes();
        if (!stream.receiveWindow().charge(length)) {
            throw overrun(stream.toString(), length, credit);
        }
    }

    /** After the peer's end its data is charged, but goes to nobody. */
    private void expectPayload(YamuxStream stream, int flags) {
        if (stream.isInputOpen()) {
            receiver = stream;
            endsStream = Flags.isSet(flags, Flags.FIN);
        }
    }

    private TransportException overrun(String stream, long length, long credit) {
        return breach(
                "expected at most " + credit + " bytes for " + stream + ", its window, the peer announced " + length);
    }

    private TransportException breach(String what) {
        return new TransportException(Reason.PROTOCOL_ERROR, session + ": " + what);
    }

    long frames() {
        return frames;
    }

    long dropped() {
        return dropped;
    }

    long resets() {
        return resets;
    }

    long refused() {
        return refused;
    }

    long pongsDropped() {
        return pongsDropped;
    }
}
