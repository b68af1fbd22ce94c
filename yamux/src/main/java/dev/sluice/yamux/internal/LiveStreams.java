package dev.sluice.yamux.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The live streams of a session, and what each of them takes of a limit: a place, memory, one of the places for what is not yet accepted
 * or acknowledged. Whatever ends a stream, all of it is given back in {@link #remove}, if not before. Confined to its session.
 */
final class LiveStreams {
    /** The first id that is not used any more. */
    private static final long IDS_END = 0xFFFF_FFFEL;

    private static final int ID_STEP = 2;

    private final YamuxSession session;
    private final YamuxConfig config;
    private final OutputQueue output;
    private final MemoryBudget memory;
    private final StreamTable byId = new StreamTable();
    private final Deque<YamuxStream> waiting = new ArrayDeque<>();
    private final DeadlineQueue unacknowledged;
    private long nextId;
    private int inbound;
    private int outbound;
    private int unaccepted;
    private int slotsHeld;
    private long accepted;
    private long opened;

    LiveStreams(YamuxSession session, YamuxConfig config, OutputQueue output, long firstId) {
        this.session = session;
        this.config = config;
        this.output = output;
        nextId = firstId;
        memory = new MemoryBudget(config.sessionMemoryBytes());
        unacknowledged = new DeadlineQueue(config.openTimeout());
    }

    /** Returns the stream, or null if none that is live has this id. */
    YamuxStream find(long id) {
        return byId.find(id);
    }

    /** Returns a new stream of this side, which waits for its id if too many wait to be acknowledged. */
    YamuxStream open(long now) throws TransportException {
        if (outbound >= config.maxOutboundStreams()) {
            throw limit(config.maxOutboundStreams() + " open streams (YamuxConfig.maxOutboundStreams)");
        }
        if (nextId + ID_STEP * (long) waiting.size() >= IDS_END) {
            throw limit("as many streams as there are ids; a new session has more");
        }
        if (!memory.tryReserve(config.initialWindowBytes())) {
            throw limit(config.sessionMemoryBytes() + " bytes of windows (YamuxConfig.sessionMemoryBytes)");
        }
        YamuxStream stream = newStream(true, 0, now);
        outbound++;
        waiting.add(stream);
        beginWaiting(now);
        return stream;
    }

    /** Returns a new stream of the peer, or empty if it is one too many. */
    Optional<YamuxStream> openInbound(long id, long delta, long now) {
        boolean room = inbound < config.maxInboundStreams()
                && unaccepted < config.acceptBacklog()
                && memory.tryReserve(config.initialWindowBytes());
        if (!room) {
            return Optional.empty();
        }
        YamuxStream stream = newStream(false, delta, now);
        stream.assignId(id);
        stream.awaitsAccept = true;
        byId.add(stream);
        inbound++;
        unaccepted++;
        return Optional.of(stream);
    }

    /** The application takes a stream of the peer. */
    void accept(YamuxStream stream) {
        leaveBacklog(stream);
        accepted++;
        stream.greeting = Flags.ACK;
        output.update(stream);
    }

    /** The peer has said something of a stream of this side. */
    void acknowledged(YamuxStream stream, long now) {
        if (stream.holdsSlot) {
            releaseSlot(stream);
            beginWaiting(now);
        }
    }

    /** Gives back what a stream still takes; only memory for what is unread is given back elsewhere. */
    void remove(YamuxStream stream) {
        output.forget(stream);
        if (stream.id() == Frame.SESSION) {
            waiting.remove(stream);
        } else {
            byId.remove(stream);
        }
        if (stream.isOutbound()) {
            outbound--;
        } else {
            inbound--;
        }
        if (stream.awaitsAccept) {
            leaveBacklog(stream);
        }
        if (stream.holdsSlot) {
            releaseSlot(stream);
        }
    }

    /** Returns all streams of this moment, those that wait for their id included. */
    List<YamuxStream> all() {
        List<YamuxStream> all = new ArrayList<>(byId.all());
        all.addAll(waiting);
        return all;
    }

    /** Returns the streams that wait for their id at this moment. */
    List<YamuxStream> waiting() {
        return List.copyOf(waiting);
    }

    /** Returns which streams the peer has not yet acknowledged, and until when it may. */
    DeadlineQueue unacknowledged() {
        return unacknowledged;
    }

    boolean isEmpty() {
        return inbound + outbound == 0;
    }

    int inbound() {
        return inbound;
    }

    int outbound() {
        return outbound;
    }

    long accepted() {
        return accepted;
    }

    long opened() {
        return opened;
    }

    long memoryBytes() {
        return memory.reservedBytes();
    }

    private YamuxStream newStream(boolean outboundStream, long delta, long now) {
        ReceiveWindow window = new ReceiveWindow(memory, config.initialWindowBytes(), config.maxWindowBytes(), now);
        return new YamuxStream(session, outboundStream, window, YamuxConfig.PROTOCOL_WINDOW_BYTES + delta);
    }

    /** Lets streams begin that waited until there was a slot, which the application may be told of. */
    void beginWaiting(long now) {
        while (slotsHeld < config.acceptBacklog() && !waiting.isEmpty() && !session.isOver()) {
            YamuxStream stream = waiting.remove();
            stream.assignId(nextId);
            nextId += ID_STEP;
            byId.add(stream);
            opened++;
            slotsHeld++;
            stream.holdsSlot = true;
            unacknowledged.start(stream, now);
            stream.greeting = Flags.SYN;
            output.update(stream);
            session.roomGiven(stream);
        }
    }

    private void releaseSlot(YamuxStream stream) {
        stream.holdsSlot = false;
        slotsHeld--;
        unacknowledged.stop(stream);
    }

    private void leaveBacklog(YamuxStream stream) {
        stream.awaitsAccept = false;
        unaccepted--;
    }

    private TransportException limit(String most) {
        return new TransportException(Reason.LIMIT_EXCEEDED, session + ": expected at most " + most);
    }
}
