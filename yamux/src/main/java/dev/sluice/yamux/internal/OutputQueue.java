package dev.sluice.yamux.internal;

import dev.sluice.yamux.YamuxConfig;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a session has to say, in the order in which it says it: the end of the session, resets, pongs and pings, window updates with what
 * opens or accepts a stream, then data of one stream after the other, each followed by its end. Confined to its session.
 *
 * <p>Its size does not depend on the peer's reading: there is a limit for resets and pongs, a stream is in each list once, and a window
 * update says what is due when it is handed out.
 */
final class OutputQueue {
    /** Resets of refused streams that wait because the peer does not read; own ones may be as many more as there can be streams. */
    static final int MAX_RESETS = 1024;

    /** Answers to pings that wait because the peer does not read. */
    static final int MAX_PONGS = 64;

    /** Payload of a frame when others have data, too: who has one byte waits for no more than this of each. */
    static final int SHARED_FRAME_BYTES = 16 << 10;

    private final YamuxSession session;
    private final Heartbeat heartbeat;
    private final int maxFrameBytes;
    private final int maxOwnResets;
    private final LongQueue resets = new LongQueue();
    private final LongQueue pongs = new LongQueue();
    private final Deque<YamuxStream> updates = new ArrayDeque<>();
    private final Deque<YamuxStream> ready = new ArrayDeque<>();
    private long goAway = GoAway.UNSAID;
    private boolean goAwaySaid;

    private long handedOutBytes;
    private long writtenBytes;
    private long progressAt;
    private long frames;
    private long stalls;

    OutputQueue(YamuxSession session, Heartbeat heartbeat, YamuxConfig config) {
        this.session = session;
        this.heartbeat = heartbeat;
        maxFrameBytes = config.maxFrameBytes();
        maxOwnResets = MAX_RESETS + config.maxInboundStreams() + config.maxOutboundStreams();
    }

    /** Hands out frames until there are none or {@code maxBytes} is reached; the last one may go beyond. */
    void poll(FrameSink sink, int maxBytes, long now) {
        long end = handedOutBytes + maxBytes;
        while (handedOutBytes < end && !isEmpty()) {
            if (handedOutBytes == writtenBytes) {
                progressAt = now;
            }
            next(sink, now);
        }
    }

    boolean isEmpty() {
        return goAway == GoAway.UNSAID
                && resets.isEmpty()
                && pongs.isEmpty()
                && !heartbeat.waitsForOutput()
                && updates.isEmpty()
                && ready.isEmpty();
    }

    void goAway(long code) {
        goAway = code;
    }

    /** Returns whether the end of the session was handed out. */
    boolean hasSaidGoAway() {
        return goAwaySaid;
    }

    /** Refuses a stream of the peer's. Returns false if too many resets wait already. */
    boolean refuse(long streamId) {
        return resets.offer(streamId << 32, MAX_RESETS);
    }

    /** Resets a stream, as this side wants it. Returns false if too many resets wait already: more than one for each stream. */
    boolean reset(long streamId, long code) {
        return resets.offer(streamId << 32 | code, maxOwnResets);
    }

    /** Returns false if too many pongs wait already. */
    boolean pong(long value) {
        return pongs.offer(value, MAX_PONGS);
    }

    /** Returns whether half as many resets or pongs wait as may. */
    boolean isHalfFull() {
        return resets.size() >= MAX_RESETS / 2 || pongs.size() >= MAX_PONGS / 2;
    }

    /** Sends the stream's SYN or ACK, or what credit there is when its turn comes. */
    void update(YamuxStream stream) {
        if (!stream.inUpdates) {
            stream.inUpdates = true;
            updates.add(stream);
        }
    }

    /** Sends the stream's data and end when its turn comes, as far as the peer has room. */
    void ready(YamuxStream stream) {
        if (!stream.inReady && stream.isReady()) {
            stream.inReady = true;
            ready.add(stream);
        } else if (stream.hasStalled()) {
            stalls++;
        }
    }

    /** Says nothing more of a stream. */
    void forget(YamuxStream stream) {
        if (stream.inUpdates) {
            stream.inUpdates = false;
            updates.remove(stream);
        }
        if (stream.inReady) {
            stream.inReady = false;
            ready.remove(stream);
        }
    }

    /** Says nothing more. */
    void clear() {
        resets.clear();
        pongs.clear();
        heartbeat.forget();
        updates.clear();
        ready.clear();
        goAway = GoAway.UNSAID;
    }

    /** The connection below took bytes. */
    void written(long bytes, long now) {
        if (bytes < 0 || bytes > handedOutBytes - writtenBytes) {
            throw new IllegalArgumentException(
                    "expected 0 to " + (handedOutBytes - writtenBytes) + " bytes to have been written, not " + bytes);
        }
        if (bytes > 0) {
            writtenBytes += bytes;
            progressAt = now;
            heartbeat.written(writtenBytes, now);
        }
    }

    /** Returns when output that was handed out has waited for {@code timeoutNanos} without progress. */
    long stalledAt(long timeoutNanos) {
        return handedOutBytes == writtenBytes ? DeadlineQueue.NEVER : DeadlineQueue.after(progressAt, timeoutNanos);
    }

    long frames() {
        return frames;
    }

    long stalls() {
        return stalls;
    }

    private void next(FrameSink sink, long now) {
        if (goAway != GoAway.UNSAID) {
            long code = goAway;
            goAway = GoAway.UNSAID;
            goAwaySaid = true;
            header(sink, FrameType.GO_AWAY, Flags.NONE, Frame.SESSION, code);
        } else if (!resets.isEmpty()) {
            long reset = resets.remove();
            header(sink, FrameType.WINDOW_UPDATE, Flags.RST, reset >>> 32, reset & Frame.MAX_UNSIGNED);
        } else if (!pongs.isEmpty()) {
            header(sink, FrameType.PING, Flags.ACK, Frame.SESSION, pongs.remove());
        } else if (heartbeat.waitsForOutput()) {
            long value = heartbeat.handOut(handedOutBytes + Frame.HEADER_BYTES);
            header(sink, FrameType.PING, Flags.SYN, Frame.SESSION, value);
        } else if (!updates.isEmpty()) {
            nextUpdate(sink, now);
        } else {
            nextData(sink);
        }
    }

    private void nextUpdate(FrameSink sink, long now) {
        YamuxStream stream = updates.remove();
        stream.inUpdates = false;
        int greeting = stream.greeting;
        stream.greeting = Flags.NONE;
        long credit = stream.receiveWindow().grant(now);
        if (greeting != Flags.NONE || credit > 0) {
            header(sink, FrameType.WINDOW_UPDATE, greeting, stream.id(), credit);
        }
    }

    private void nextData(FrameSink sink) {
        YamuxStream stream = ready.remove();
        stream.inReady = false;
        int mostBytes = ready.isEmpty() ? maxFrameBytes : Math.min(maxFrameBytes, SHARED_FRAME_BYTES);
        int bytes = (int) Math.min(mostBytes, Math.min(stream.queuedBytes(), stream.sendWindowBytes()));
        if (bytes > 0) {
            header(sink, FrameType.DATA, Flags.NONE, stream.id(), bytes);
            handedOutBytes += bytes;
            stream.spend(bytes);
            sink.payload(stream, bytes);
        }
        if (stream.queuedBytes() == 0 && stream.state().isEnding()) {
            header(sink, FrameType.WINDOW_UPDATE, Flags.FIN, stream.id(), 0);
            session.endSent(stream);
        } else {
            ready(stream);
        }
    }

    private void header(FrameSink sink, FrameType type, int flags, long streamId, long length) {
        frames++;
        handedOutBytes += Frame.HEADER_BYTES;
        session.trace("out", type, flags, streamId, length);
        sink.header(type, flags, streamId, length);
    }
}
