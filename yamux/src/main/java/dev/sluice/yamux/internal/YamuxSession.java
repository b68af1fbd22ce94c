package dev.sluice.yamux.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxStats;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * One end of a yamux session, without I/O: bytes in, {@linkplain SessionEvents events} and {@linkplain FrameSink frames} out. It holds no
 * payload, neither what was received, which it passes on, nor what is to be sent, of which it knows how much there is.
 *
 * <p>Who drives it tells the time in each turn, then calls {@link #receive} with what the connection has - whatever the output
 * does: reading never waits for writing - then writes what {@link #poll} hands out, and says by {@link #written} how much of it the connection took.
 * Last come {@link #tick} and {@link #endIfDone}: a driver that was late judges the peer by what has come meanwhile.
 *
 * <p><b>Threading:</b> confined to its driver. <b>Time</b> is what the last {@link #passTime} or {@link #tick} said.
 */
public final class YamuxSession {
    private static final Logger LOG = System.getLogger(YamuxSession.class.getName());

    private final Role role;
    private final YamuxConfig config;
    private final SessionEvents events;
    private final String name;
    private final long startNanos;
    private final FrameReader reader = new FrameReader();
    private final InboundFrames inbound;
    private final OutputQueue output;
    private final Heartbeat heartbeat;
    private final LiveStreams streams;
    private final DeadlineQueue halfClosed;
    private final long writeTimeoutNanos;

    private final SessionLife life = new SessionLife();
    private long nowNanos;
    private boolean outputTold;
    /** Of which the application is told that it has ended, and not yet that it has finished; null for none. */
    private YamuxStream finishing;

    private long resetsOut;
    private long windowGrowths;

    /**
     * Begins a session.
     *
     * @param name for texts: of the connection below
     * @param nowNanos the time, from the source that {@link #tick} will tell it from
     */
    public YamuxSession(Role role, YamuxConfig config, SessionEvents events, String name, long nowNanos) {
        this(role, config, events, name, nowNanos, role.firstId());
    }

    YamuxSession(Role role, YamuxConfig config, SessionEvents events, String name, long nowNanos, long firstId) {
        this.role = role;
        this.config = config;
        this.events = events;
        this.name = name;
        startNanos = nowNanos;
        inbound = new InboundFrames(this, events, config);
        heartbeat = new Heartbeat(config);
        output = new OutputQueue(this, heartbeat, config);
        streams = new LiveStreams(this, config, output, firstId);
        halfClosed = new DeadlineQueue(config.closeTimeout());
        writeTimeoutNanos = DeadlineQueue.nanos(config.writeTimeout());
    }

    /**
     * Takes all of {@code in}; what the peer does wrong ends the session. Once that is over, bytes are thrown away.
     *
     * @param in big-endian
     */
    public void receive(ByteBuffer in) {
        while (in.hasRemaining()) {
            receiveSome(in);
        }
    }

    /**
     * As {@link #receive}, but leaves some of {@code in} when many answers wait, which may be written now: at least a frame is taken. To wait
     * until they are written would be wrong.
     */
    public void receiveSome(ByteBuffer in) {
        if (isOver()) {
            in.position(in.limit());
            return;
        }
        try {
            reader.read(in, inbound);
        } catch (TransportException e) {
            end(e, GoAway.PROTOCOL_ERROR);
        }
    }

    /** The peer has ended the connection's direction. */
    public void endOfInput() {
        if (!reader.isBetweenFrames()) {
            end(new TransportException(Reason.TRUNCATED, this + ": the connection ended within a frame"));
        } else {
            end(TransportException.closed(this + ": ended by the peer"), GoAway.UNSAID, Reason.TRUNCATED);
        }
    }

    /**
     * Hands out what is to be written, until there is nothing or {@code maxBytes} are reached; the last frame may go beyond. Its driver has
     * written what it was given before by then, so that little stands before what is urgent. No stream is cut meanwhile but closed ones.
     */
    public void poll(FrameSink sink, int maxBytes) {
        output.poll(sink, maxBytes, nowNanos);
        outputTold = !output.isEmpty();
    }

    /**
     * Ends the session if that was asked for and all is said: then its last frame can be polled. For the end of a turn, since streams
     * hear of it.
     */
    public void endIfDone() {
        if (output.isEmpty() && !isOver()) {
            endIfAllIsSaid();
        }
    }

    /** Returns whether {@link #poll} has something to do. */
    public boolean hasOutput() {
        return outputTold;
    }

    /**
     * The connection took bytes of what was handed out.
     *
     * @throws IllegalArgumentException if fewer were
     */
    public void written(long bytes) {
        output.written(bytes, nowNanos);
    }

    /** Tells the time; what is due waits for {@link #tick}. */
    public void passTime(long now) {
        nowNanos = Math.max(nowNanos, now - startNanos);
    }

    /** Tells the time, and does what is due by now. */
    public void tick(long now) {
        passTime(now);
        if (isOver()) {
            return;
        }
        expire(
                streams.unacknowledged(),
                config.openTimeoutEndsSession(),
                "acknowledge the stream (YamuxConfig.openTimeout)");
        expire(halfClosed, false, "end its direction (YamuxConfig.closeTimeout)");
        tickHeartbeat();
        if (nowNanos >= output.stalledAt(writeTimeoutNanos)) {
            end(timeout("the connection took no byte for " + config.writeTimeout() + " (YamuxConfig.writeTimeout)"));
        }
        if (nowNanos >= life.endsAt()) {
            endOrderly();
        }
    }

    /** Returns in how many nanoseconds {@link #tick} has something to do; {@link Long#MAX_VALUE} if nothing is to come. */
    public long nanosToNextTick() {
        if (isOver()) {
            return DeadlineQueue.NEVER;
        }
        long streamsNext = Math.min(streams.unacknowledged().next(), halfClosed.next());
        long sessionNext = Math.min(heartbeat.next(), Math.min(output.stalledAt(writeTimeoutNanos), life.endsAt()));
        long next = Math.min(streamsNext, sessionNext);
        return next == DeadlineQueue.NEVER ? next : Math.max(0, next - nowNanos);
    }

    /**
     * Opens a stream, which can be used at once: data may follow before the peer has acknowledged it. If too many streams wait for
     * that, this one begins later, and what is added to it until then waits.
     *
     * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if there are too many, or no ids are left; with
     *     {@link Reason#SHUTDOWN} if either side wants no more; with its cause if the session is over
     */
    public YamuxStream open() throws TransportException {
        life.requireOpen(this);
        return streams.open(nowNanos);
    }

    /** Sends a ping, unless one is under way: then its answer is this one's, too. */
    public void ping() {
        if (!isOver() && heartbeat.request(nowNanos)) {
            wantOutput();
        }
    }

    /**
     * Accepts and opens no more streams, and ends the session with its last one or after {@link YamuxConfig#drainTimeout()}. Idempotent.
     */
    public void shutdown() {
        if (!stopOpening(SessionState.DRAINING, config.drainTimeout())) {
            return;
        }
        if (config.goAwayFirst()) {
            output.goAway(GoAway.NORMAL);
        }
        wantPoll(); // to end, if there is no stream
    }

    /**
     * Accepts and opens no more streams, and ends the session when all that is queued was handed out, or after
     * {@link YamuxConfig#writeTimeout()}. Idempotent.
     */
    public void close() {
        if (stopOpening(SessionState.CLOSING, config.writeTimeout())) {
            wantPoll(); // to end, if there is nothing to say
        }
    }

    /** Ends the session at once, and tells the peer nothing: for when the connection failed. Idempotent. */
    public void abort(TransportException why) {
        end(why);
    }

    /** Returns whether the session is over. */
    public boolean isOver() {
        return life.isOver();
    }

    /** Returns the counters. */
    public YamuxStats stats() {
        return new YamuxStats(
                streams.inbound(),
                streams.outbound(),
                streams.accepted(),
                streams.opened(),
                inbound.refused(),
                inbound.resets(),
                resetsOut,
                output.stalls(),
                streams.memoryBytes(),
                windowGrowths,
                heartbeat.isRttKnown() ? Optional.of(Duration.ofNanos(heartbeat.rttNanos())) : Optional.empty(),
                inbound.frames(),
                output.frames(),
                inbound.dropped(),
                inbound.pongsDropped());
    }

    @Override
    public String toString() {
        return "yamux " + role.name().toLowerCase(Locale.ROOT) + " on " + name;
    }

    // What streams ask for.

    void accept(YamuxStream stream) {
        if (!stream.awaitsAccept) {
            throw stream.illegal("to be accepted", "a stream of the peer that is not accepted");
        }
        streams.accept(stream);
        wantOutput();
    }

    void outputAdded(YamuxStream stream) {
        output.ready(stream);
        wantOutput();
    }

    void roomAwaited(YamuxStream stream) {
        output.ready(stream); // which counts it as stalled
    }

    void bytesRead(YamuxStream stream, long bytes) {
        boolean lost = stream.state() == StreamState.WAS_RESET && stream.unreadBytes() == 0;
        if (stream.isClosed() || lost) {
            return;
        }
        stream.receiveWindow().read(bytes);
        boolean update = stream.isLive() && !stream.awaitsAccept && !stream.inUpdates;
        if (!update || !stream.receiveWindow().isUpdateDue()) {
            return;
        }
        if (heartbeat.isRttKnown() && stream.receiveWindow().tune(heartbeat.rttNanos(), nowNanos)) {
            windowGrowths++;
        }
        heartbeat.requestIfStale(nowNanos);
        output.update(stream);
        wantOutput();
    }

    void endOutput(YamuxStream stream, boolean stopReading) {
        if (stream.awaitsAccept) {
            throw stream.illegal("to end its output", "an accepted stream");
        }
        if (stopReading && !stream.isClosed()) {
            stream.markClosed();
            stream.receiveWindow().end(false);
        }
        if (!stream.isLive()) {
            return;
        }
        if (stream.isOutputOpen()) {
            stream.on(StreamState.Event.END);
            outputAdded(stream);
        }
        if (stream.isInputOpen() && (stopReading || config.closeTimeoutAfterEnd())) {
            halfClosed.start(stream, nowNanos);
        }
    }

    void reset(YamuxStream stream, long code) {
        if (code < 0 || code > Frame.MAX_UNSIGNED) {
            throw new IllegalArgumentException("code must be from 0 to " + Frame.MAX_UNSIGNED + ", is " + code);
        }
        if (!stream.isLive()) {
            return;
        }
        boolean known = stream.isKnownToPeer();
        forget(stream, StreamState.Event.RESET);
        stream.receiveWindow().end(false);
        if (known && !isOver()) {
            sendReset(stream.id(), code);
        }
        streams.beginWaiting(nowNanos);
    }

    // What frames ask for.

    YamuxStream find(long streamId) {
        return streams.find(streamId);
    }

    Role role() {
        return role;
    }

    long now() {
        return nowNanos;
    }

    OutputQueue output() {
        return output;
    }

    void heard() {
        heartbeat.heard(nowNanos);
    }

    void pong(long value) {
        if (heartbeat.answered(value, nowNanos)) {
            events.onPong(heartbeat.isRttKnown() ? heartbeat.rttNanos() : 0);
        }
    }

    /** Returns the stream, or empty if it is one too many. */
    Optional<YamuxStream> openInbound(long streamId, long delta) {
        return life.accepts() ? streams.openInbound(streamId, delta, nowNanos) : Optional.empty();
    }

    /** The peer has given a stream room, or lets it begin. */
    void roomGiven(YamuxStream stream) {
        output.ready(stream);
        wantOutput();
        if (stream.takeRoomAwaited()) {
            events.onRoom(stream);
        }
    }

    void acknowledged(YamuxStream stream) {
        streams.acknowledged(stream, nowNanos);
    }

    void remoteEnd(YamuxStream stream) {
        halfClosed.stop(stream);
        stream.receiveWindow().end(!stream.isClosed());
        if (stream.state() == StreamState.OUTPUT_ENDED) {
            forget(stream, StreamState.Event.REMOTE_END);
            finishing = stream;
            events.onEnd(stream);
            tellFinished();
            streams.beginWaiting(nowNanos);
        } else {
            stream.on(StreamState.Event.REMOTE_END);
            events.onEnd(stream);
        }
    }

    /** Before the end of the session, if the application ends that when it is told of the stream's end. */
    private void tellFinished() {
        if (finishing != null) {
            YamuxStream finished = finishing;
            finishing = null;
            events.onFinished(finished);
        }
    }

    /** The peer goes on sending on a stream that nobody reads: only a reset, after all that was written, stops it. */
    void refuseMore(YamuxStream stream) {
        if (stream.state().isEnding()) {
            stream.resetsAfterEnd = true;
        } else {
            resetUnasked(stream, TransportException.closed(stream + ": the peer still sent after the close"));
        }
    }

    /** Tells the peer that its stream was not taken. */
    void sendRefusal(long streamId) {
        wantOutputOrEnd(output.refuse(streamId));
    }

    private void sendReset(long streamId, long code) {
        resetsOut++;
        wantOutputOrEnd(output.reset(streamId, code));
    }

    private void wantOutputOrEnd(boolean fits) {
        if (fits) {
            wantOutput();
        } else {
            end(
                    new TransportException(
                            Reason.LIMIT_EXCEEDED,
                            this + ": expected the peer to read, at least " + OutputQueue.MAX_RESETS
                                    + " resets wait for it"),
                    GoAway.INTERNAL_ERROR);
        }
    }

    void remoteGoAway() {
        if (life.markRefusedByPeer()) {
            failWaiting(SessionLife.refusal(this));
            wantPoll(); // to end, if there is no stream
        }
    }

    /** Ends a stream that the peer, or the end of the session, cut. */
    void cut(YamuxStream stream, TransportException why, boolean inputKept) {
        boolean kept = inputKept && !stream.isClosed();
        forget(stream, StreamState.Event.RESET);
        stream.receiveWindow().end(kept);
        events.onFailed(stream, why, kept);
        streams.beginWaiting(nowNanos);
    }

    // What the output queue asks for.

    void endSent(YamuxStream stream) {
        if (stream.state() == StreamState.ENDING_LAST) {
            forget(stream, StreamState.Event.END_SENT);
            events.onFinished(stream);
            streams.beginWaiting(nowNanos);
        } else {
            stream.on(StreamState.Event.END_SENT);
            if (stream.resetsAfterEnd) {
                refuseMore(stream);
            }
        }
    }

    void wantOutput() {
        if (!output.isEmpty()) {
            wantPoll();
        }
    }

    private void wantPoll() {
        if (!outputTold) {
            outputTold = true;
            events.onOutput();
        }
    }

    void trace(String direction, FrameType type, int flags, long streamId, long length) {
        if (LOG.isLoggable(Level.TRACE)) {
            LOG.log(Level.TRACE, this + " " + direction + ": " + Frame.describe(type, flags, streamId, length));
        }
    }

    // The end.

    void end(TransportException why) {
        end(why, GoAway.UNSAID);
    }

    private void end(TransportException why, long goAway) {
        end(why, goAway, why.reason());
    }

    /** @param ofStreams what live streams are told, to which an orderly end of the session is none */
    private void end(TransportException why, long goAway, Reason ofStreams) {
        if (!life.end(why)) {
            return;
        }
        output.clear();
        LOG.log(Level.DEBUG, () -> this + " is over: " + why.getMessage());
        for (YamuxStream stream : streams.all()) {
            if (stream.isLive()) {
                cut(stream, ofStreams == why.reason() ? why : cutWith(ofStreams, stream, why), true);
            }
        }
        output.clear(); // what was asked for meanwhile, of streams that were still to be cut
        if (goAway != GoAway.UNSAID && !(goAway == GoAway.NORMAL && output.hasSaidGoAway())) {
            output.goAway(goAway);
            wantOutput();
        }
        tellFinished();
        events.onEnded(why);
    }

    private void endOrderly() {
        end(TransportException.closed(this + ": closed"), GoAway.NORMAL, Reason.SHUTDOWN);
    }

    private static TransportException cutWith(Reason reason, YamuxStream stream, TransportException why) {
        return new TransportException(reason, stream + ": cut with its session, " + why.getMessage(), why);
    }

    /** With the output empty. */
    private void endIfAllIsSaid() {
        boolean lastStreamGone = life.endsWithItsStreams() && streams.isEmpty();
        boolean allSaid = life.endsWhenAllIsSaid() && queuedBytes() == 0;
        if (lastStreamGone || allSaid) {
            endOrderly();
        }
    }

    private boolean stopOpening(SessionState next, Duration limit) {
        boolean stopped = life.stopOpening(next, limit, nowNanos);
        if (stopped) {
            failWaiting(SessionLife.closing(this));
        }
        return stopped;
    }

    private void failWaiting(TransportException why) {
        for (YamuxStream stream : streams.waiting()) {
            if (stream.isLive()) {
                cut(stream, why, false);
            }
        }
    }

    // Streams.

    /**
     * Takes a stream out of everything that knows it, once. Nothing else is told before the application knows of it: only then may those
     * {@linkplain LiveStreams#beginWaiting begin} that waited for its slot.
     */
    private void forget(YamuxStream stream, StreamState.Event last) {
        stream.on(last);
        stream.dropOutput();
        halfClosed.stop(stream);
        streams.remove(stream);
        if (!isOver() && (!life.accepts() || life.isRefusedByPeer())) {
            wantPoll(); // to end, if this was the last stream
        }
    }

    private void resetUnasked(YamuxStream stream, TransportException why) {
        boolean known = stream.isKnownToPeer();
        cut(stream, why, false);
        if (known && !isOver()) {
            sendReset(stream.id(), 0);
        }
    }

    private void expire(DeadlineQueue deadlines, boolean endsSession, String what) {
        YamuxStream late = deadlines.pollExpired(nowNanos);
        while (late != null && !isOver()) {
            TransportException why =
                    new TransportException(Reason.TIMEOUT, late + ": the peer did not " + what + " in time");
            if (endsSession) {
                end(why);
            } else {
                resetUnasked(late, why);
            }
            late = deadlines.pollExpired(nowNanos);
        }
    }

    private void tickHeartbeat() {
        if (heartbeat.isPeerDead(nowNanos)) {
            end(timeout("the peer gave no sign of life for " + config.keepAliveTimeout()
                    + " after it was asked for one (YamuxConfig.keepAliveTimeout)"));
            return;
        }
        if (heartbeat.isLost(nowNanos)) {
            events.onPingLost();
        }
        if (!isOver() && heartbeat.isProbeDue(nowNanos) && heartbeat.request(nowNanos)) {
            wantOutput();
        }
    }

    private long queuedBytes() {
        long bytes = 0;
        for (YamuxStream stream : streams.all()) {
            bytes += stream.queuedBytes();
        }
        return bytes;
    }

    private TransportException timeout(String what) {
        return new TransportException(Reason.TIMEOUT, this + ": " + what);
    }
}
