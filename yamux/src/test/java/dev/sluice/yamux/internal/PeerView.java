package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A session as its peer sees it, who knows only what is on the wire: each frame has to be one that the strictest peer takes, and the windows
 * that follow from the frames have to be those of the session.
 */
final class PeerView implements FrameSink, FrameReader.Visitor {
    /** A stream from its first frame on. */
    private static final class Life {
        /** What the session may send, and the peer. */
        long sessionsCredit = YamuxConfig.PROTOCOL_WINDOW_BYTES;

        long peersCredit = YamuxConfig.PROTOCOL_WINDOW_BYTES;
        boolean begun;
        boolean endedBySession;
        boolean endedByPeer;
        boolean resetBySession;
        boolean over;
    }

    private final Role role;
    private final int maxFrameBytes;
    private final StreamLog log;
    private final FrameReader reader = new FrameReader();
    private final Map<Long, Life> streams = new HashMap<>();
    /** How often the peer tried to open an id and has not heard of it. */
    private final Map<Long, Integer> unanswered = new HashMap<>();
    /** Ids that the peer used before it was told of them: whether the session had them already, nobody knows. */
    private final Set<Long> guessed = new HashSet<>();

    private long receivedBytes;
    private long announcedBytes;
    private long pings;
    private long lastPing;
    private int pongsInPoll;
    private int goAways;
    private long streamId;
    /** Who ends with the frame that the peer sends. */
    private Life ending;

    PeerView(Role role, int maxFrameBytes, StreamLog log) {
        this.role = role;
        this.maxFrameBytes = maxFrameBytes;
        this.log = log;
    }

    /** The peer sends bytes that the session took. */
    void sends(ByteBuffer bytes) {
        try {
            reader.read(bytes, this);
        } catch (TransportException e) {
            throw new AssertionError("the session took what is no frame", e);
        }
    }

    boolean isBetweenFrames() {
        return reader.isBetweenFrames();
    }

    long receivedBytes() {
        return receivedBytes;
    }

    long lastPing() {
        return lastPing;
    }

    boolean hasGoAway() {
        return goAways > 0;
    }

    void check() {
        assertThat(announcedBytes)
                .as("payload that was announced and not handed out")
                .isZero();
        for (YamuxStream stream : log.streams()) {
            Life life = streams.get(stream.id());
            boolean known = stream.isLive() && life != null && !life.over && !guessed.contains(stream.id());
            if (known) {
                assertThat(stream.sendWindowBytes()).isEqualTo(life.sessionsCredit);
                assertThat(stream.receiveWindow().creditBytes()).isEqualTo(life.peersCredit);
            }
        }
    }

    /** The session is polled anew. */
    void beginPoll() {
        pongsInPoll = 0;
    }

    // What the session sends.

    @Override
    public void header(FrameType type, int flags, long id, long length) {
        receivedBytes += Frame.HEADER_BYTES;
        assertThat(announcedBytes).as("a frame within a payload").isZero();
        assertThat(Integer.bitCount(flags)).as("flags of one frame").isLessThanOrEqualTo(1);
        assertThat(length).isBetween(0L, Frame.MAX_UNSIGNED);
        assertThat(log.cause() == null || type == FrameType.GO_AWAY)
                .as("only a farewell comes after the end")
                .isTrue();
        switch (type) {
            case PING -> ping(flags, id, length);
            case GO_AWAY -> {
                assertThat(id).isEqualTo(Frame.SESSION);
                assertThat(flags).isEqualTo(Flags.NONE);
                goAways++;
                assertThat(goAways).as("one when it drains, one for a failure").isLessThanOrEqualTo(2);
            }
            case DATA -> {
                assertThat(flags).isEqualTo(Flags.NONE);
                assertThat(length).isBetween(1L, (long) maxFrameBytes);
                announcedBytes = length;
                streamId = id;
                Life life = begun(id);
                assertThat(life.endedBySession).as("data after the end").isFalse();
                life.sessionsCredit -= length;
                assertThat(life.sessionsCredit >= 0 || guessed.contains(id))
                        .as("has credit for data on stream " + id)
                        .isTrue();
            }
            case WINDOW_UPDATE -> windowUpdate(flags, id, length);
        }
    }

    @Override
    public void payload(YamuxStream stream, int bytes) {
        assertThat(stream.id()).isEqualTo(streamId);
        assertThat((long) bytes).isEqualTo(announcedBytes);
        receivedBytes += bytes;
        announcedBytes = 0;
    }

    private void ping(int flags, long id, long value) {
        assertThat(id).isEqualTo(Frame.SESSION);
        if (flags == Flags.SYN) {
            lastPing = value;
        } else {
            assertThat(flags).isEqualTo(Flags.ACK);
            assertThat(--pings).as("an answer that nobody asked for").isNotNegative();
            assertThat(++pongsInPoll).as("answers that waited").isLessThanOrEqualTo(OutputQueue.MAX_PONGS);
        }
    }

    private void windowUpdate(int flags, long id, long length) {
        switch (flags) {
            case Flags.SYN -> {
                assertThat(role.isPeers(id) || id == Frame.SESSION).isFalse();
                assertThat(streams.containsKey(id)).as("an id that was used").isFalse();
                Life life = new Life();
                life.begun = true;
                life.peersCredit += length;
                streams.put(id, life);
            }
            case Flags.ACK -> {
                answer(id);
                Life life = streams.get(id);
                assertThat(life.begun).as("accepted twice").isFalse();
                life.begun = true;
                life.peersCredit += length;
                assertThat(life.endedByPeer && length > 0)
                        .as("credit after the end")
                        .isFalse();
            }
            case Flags.FIN -> {
                assertThat(length).isZero();
                Life life = begun(id);
                assertThat(life.endedBySession).as("ends twice").isFalse();
                life.endedBySession = true;
                life.over = life.endedByPeer;
            }
            case Flags.RST -> reset(id);
            default -> {
                Life life = begun(id);
                assertThat(length).isPositive();
                assertThat(life.endedByPeer).as("credit after the end").isFalse();
                life.peersCredit += length;
            }
        }
    }

    /** Refuses an id, or cuts what has it. An id that was opened anew before the peer heard of the end is heard of once for each. */
    private void reset(long id) {
        Life life = streams.get(id);
        if (life != null && life.begun && !life.resetBySession) {
            life.resetBySession = true; // also of a stream that the peer ended meanwhile: the two passed each other
            life.over = true;
        } else if (answer(id) && life != null) {
            life.over = true;
        }
    }

    /** Returns whether that was the last one that is due. */
    private boolean answer(long id) {
        int left = unanswered.merge(id, -1, Integer::sum);
        assertThat(left).as("answers for stream " + id).isNotNegative();
        return left == 0;
    }

    /** Returns the stream, of which the peer knows and may be told more. */
    private Life begun(long id) {
        Life life = streams.get(id);
        assertThat(life != null && life.begun && !life.over)
                .as("a stream that the peer knows and that is not over: " + id)
                .isTrue();
        return life;
    }

    // What the peer sends.

    @Override
    public void onHeader(FrameType type, int flags, long id, long length) {
        ending = null;
        if (type == FrameType.PING) {
            pings += Flags.isSet(flags, Flags.SYN) ? 1 : 0;
        } else if (type != FrameType.GO_AWAY) {
            onStreamFrame(type, flags, id, length);
        }
    }

    private void onStreamFrame(FrameType type, int flags, long id, long length) {
        Life life = streams.get(id);
        boolean live = life != null && !life.over;
        if (Flags.isSet(flags, Flags.RST)) {
            if (live) {
                life.over = true;
            }
            return;
        }
        if (Flags.isSet(flags, Flags.SYN)) {
            // If the id was in use for the peer, a reset of that is on its way; if the session refuses it, nothing but
            // that comes.
            boolean resetToCome = life != null && life.begun && !life.resetBySession;
            unanswered.merge(id, resetToCome ? 2 : 1, Integer::sum);
            life = new Life();
            streams.put(id, life);
        } else if (life == null && !role.isPeers(id)) {
            guessed.add(id);
        }
        if (life == null || life.over) {
            return;
        }
        if (type == FrameType.DATA) {
            life.peersCredit -= length;
        } else {
            life.sessionsCredit = Math.min(Frame.MAX_UNSIGNED, life.sessionsCredit + length);
        }
        ending = Flags.isSet(flags, Flags.FIN) ? life : null;
    }

    @Override
    public void onPayload(ByteBuffer piece) {}

    @Override
    public void onFrameEnd() {
        if (ending != null) {
            ending.endedByPeer = true;
            ending.over = ending.endedBySession;
        }
    }
}
