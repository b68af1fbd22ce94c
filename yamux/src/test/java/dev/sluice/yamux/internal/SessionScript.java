package dev.sluice.yamux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * A life of a session as bytes tell it: what the peer sends, what the application does, what the connection takes, and time. The first byte
 * chooses the settings, see {@link #config}; after it, an operation is one byte, the number of an {@link Op} modulo how many
 * there are, with the bytes that the operation takes behind it. Every sequence of bytes says something, and what lacks at the end is zero.
 *
 * <p>After each operation the session's limits are checked, here; what it tells of each stream, in {@link StreamLog}; and what it sends, in
 * {@link PeerView}.
 */
final class SessionScript {
    /** What may happen; in the order of their numbers, which the seeds know. */
    private enum Op {
        /** Bytes from the peer: how many, and these. */
        RAW,
        /** A frame from the peer: type and flags, stream, length. See {@link #frame}. */
        FRAME,
        /** From now on bytes of the peer come in pieces: how long, 0 for whole. */
        CUT,
        /** Time passes: the power of two in nanoseconds. */
        TICK,
        OPEN,
        /** Which stream, counted from the last one; so below. */
        ACCEPT,
        /** Which stream, the power of two of bytes. */
        WRITE,
        /** Which stream, how many KiB; 255 for all. */
        READ,
        END,
        CLOSE,
        /** Which stream, with which code. */
        RESET,
        PING,
        /** The answer to the ping that was sent last. */
        PONG,
        /** The driver takes frames: how many times 16 bytes, 255 for all. */
        POLL,
        /** The connection takes bytes: how many of those that were polled, of 255. */
        WRITTEN,
        SHUTDOWN,
        CLOSE_SESSION,
        ABORT,
        END_OF_INPUT,
        /** What the application does when it is told of something next: an operation, and two bytes, of which it takes what it needs. */
        REACT,
        AWAIT_ROOM
    }

    private static final Op[] OPS = Op.values();
    private static final int ALL = 255;
    private static final int MAX_OPS = 2_000;
    private static final int MAX_PAYLOAD_BYTES = 300_000;
    private static final long BEGIN_NANOS = Long.MAX_VALUE - 5; // overflows soon

    private static final int CLIENT = 1;
    private static final int GO_AWAY_FIRST = 1 << 1;
    private static final int CLOSE_TIMEOUT_AFTER_END = 1 << 2;
    private static final int OPEN_TIMEOUT_ENDS_SESSION = 1 << 3;
    private static final int LAST_IDS = 1 << 4;
    private static final int LARGER_WINDOWS = 1 << 5;
    private static final int ENDS_ORDERLY = 1 << 6;

    private final ByteBuffer script;
    private final int choices;
    private final YamuxConfig config;
    private final PeerView peer;
    private final StreamLog log;
    private final YamuxSession session;
    private long nowNanos = BEGIN_NANOS;
    private int pieceBytes;
    private long handedOutBytes;

    SessionScript(byte[] bytes) {
        script = ByteBuffer.wrap(bytes);
        choices = next();
        config = config(choices);
        Role role = isChosen(CLIENT) ? Role.CLIENT : Role.SERVER;
        log = new StreamLog();
        long firstId = isChosen(LAST_IDS) ? 0xFFFF_FFF8L + role.firstId() : role.firstId();
        session = new YamuxSession(role, config, log, "script", BEGIN_NANOS, firstId);
        peer = new PeerView(role, config.maxFrameBytes(), log);
    }

    private static YamuxConfig config(int choices) {
        YamuxConfig.Builder builder = YamuxConfig.builder()
                .acceptBacklog(2)
                .maxInboundStreams(4)
                .maxOutboundStreams(3)
                .maxWindowBytes(1 << 20)
                .maxFrameBytes(700)
                .maxEarlyResets(5)
                .openTimeout(Duration.ofSeconds(9))
                .closeTimeout(Duration.ofSeconds(7))
                .goAwayFirst((choices & GO_AWAY_FIRST) != 0)
                .closeTimeoutAfterEnd((choices & CLOSE_TIMEOUT_AFTER_END) != 0)
                .openTimeoutEndsSession((choices & OPEN_TIMEOUT_ENDS_SESSION) != 0);
        if ((choices & LARGER_WINDOWS) != 0) {
            builder.initialWindowBytes(300_001).maxWindowBytes(1_000_000);
        }
        return builder.sessionMemoryBytes(9L << 18).build();
    }

    private boolean isChosen(int bit) {
        return (choices & bit) != 0;
    }

    /** Does what the script says, then ends all there is. */
    void run() {
        for (int done = 0; script.hasRemaining() && done < MAX_OPS; done++) {
            step(OPS[next() % OPS.length]);
            check();
        }
        if (isChosen(ENDS_ORDERLY)) {
            endOrderly();
        }
        session.abort(new TransportException(Reason.IO_ERROR, "the script ends"));
        check();
        giveBack();
    }

    private void step(Op op) {
        switch (op) {
            case RAW -> deliver(bytes(next()));
            case FRAME -> frame(next(), next(), next());
            case CUT -> pieceBytes = next();
            case TICK -> tick(1L << Math.min(next(), 50));
            case PONG -> deliver(frame(FrameType.PING, Flags.ACK, Frame.SESSION, peer.lastPing()));
            case POLL -> poll(next());
            case WRITTEN -> written(next());
            case END_OF_INPUT -> session.endOfInput();
            case REACT -> react(OPS[next() % OPS.length], next(), next());
            case OPEN, PING, SHUTDOWN, CLOSE_SESSION, ABORT -> use(op, 0, 0);
            case ACCEPT, END, CLOSE, AWAIT_ROOM -> use(op, next(), 0);
            case WRITE, READ, RESET -> use(op, next(), next());
        }
    }

    /** What an application may do, within events as well; any other operation does nothing here. */
    private void use(Op op, int which, int number) {
        switch (op) {
            case OPEN -> open();
            case PING -> session.ping();
            case ABORT -> session.abort(new TransportException(Reason.IO_ERROR, "the connection failed"));
            case SHUTDOWN -> session.shutdown();
            case CLOSE_SESSION -> session.close();
            case ACCEPT, WRITE, READ, END, CLOSE, RESET, AWAIT_ROOM -> {
                List<YamuxStream> streams = log.streams();
                if (!streams.isEmpty()) {
                    // Counted from the last one; those long before it are gone.
                    use(op, streams.get(streams.size() - 1 - which % Math.min(streams.size(), 8)), number);
                }
            }
            default -> {}
        }
    }

    private void use(Op op, YamuxStream stream, int number) {
        switch (op) {
            case ACCEPT -> allowed(stream.awaitsAccept, stream::accept);
            case WRITE -> allowed(stream.isOutputOpen(), () -> stream.addOutput(1L << number % 20));
            case READ -> {
                long unread = log.unread(stream);
                log.read(stream, number == ALL ? unread : Math.min(unread, (long) number << 10));
            }
            case END -> allowed(!stream.awaitsAccept, () -> log.end(stream));
            case CLOSE -> allowed(!stream.awaitsAccept, () -> log.close(stream));
            case RESET -> log.reset(stream, number);
            case AWAIT_ROOM -> log.awaitRoom(stream);
            default -> throw new AssertionError(op);
        }
    }

    /** What is not allowed throws, says the contract, and changes nothing. */
    private static void allowed(boolean allowed, Runnable use) {
        try {
            use.run();
        } catch (IllegalStateException e) {
            if (allowed) {
                throw e;
            }
            return;
        }
        assertThat(allowed).as("use that was not refused").isTrue();
    }

    private void open() {
        try {
            log.opened(session.open());
        } catch (TransportException e) {
            boolean explained =
                    session.isOver() || e.reason() == Reason.LIMIT_EXCEEDED || e.reason() == Reason.SHUTDOWN;
            assertThat(explained).as(e.toString()).isTrue();
        }
    }

    private void react(Op op, int which, int number) {
        log.onNextEvent(() -> use(op, which, number));
    }

    /**
     * Two bits of type and four of flags; a byte for the stream, of which those from 128 on are the last ids; two bits and a byte for the length: as it
     * is, times 4096, what the protocol has as a limit, or the largest numbers.
     */
    private void frame(int head, int id, int length) {
        FrameType type = FrameType.of(head >> 4 & 3);
        long streamId =
                type == FrameType.PING || type == FrameType.GO_AWAY ? id & 1 : id < 128 ? id : 0xFFFF_FF00L + id;
        long value = switch (head >> 6) {
            case 0 -> length;
            case 1 -> (long) length << 12;
            case 2 -> YamuxConfig.PROTOCOL_WINDOW_BYTES + (byte) length;
            default -> Frame.MAX_UNSIGNED - length;
        };
        deliver(frame(type, head & Flags.KNOWN, streamId, value));
    }

    /** Returns a frame, with its payload as far as that is not too much to ask for. */
    private static byte[] frame(FrameType type, int flags, long streamId, long length) {
        long payload = type == FrameType.DATA ? Math.min(length, MAX_PAYLOAD_BYTES) : 0;
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES + (int) payload);
        Frame.encode(frame, type, flags, streamId, length);
        return frame.array();
    }

    private void deliver(byte[] bytes) {
        ByteBuffer wire = ByteBuffer.wrap(bytes);
        // Long payload is cut, too, but not into more pieces than there is time for.
        int length = pieceBytes == 0 ? bytes.length : Math.max(pieceBytes, bytes.length / 64);
        while (wire.hasRemaining()) {
            ByteBuffer piece = wire.slice().limit(Math.min(length, wire.remaining()));
            wire.position(wire.position() + piece.limit());
            ByteBuffer same = piece.duplicate();
            session.receive(piece);
            assertThat(piece.hasRemaining()).isFalse();
            if (!session.isOver()) {
                peer.sends(same);
            }
        }
    }

    private void tick(long nanos) {
        nowNanos += nanos;
        session.tick(nowNanos);
        assertThat(session.nanosToNextTick()).as("a tick does all that is due").isPositive();
    }

    private void poll(int bytes) {
        boolean expected = session.hasOutput();
        int most = bytes == ALL ? Integer.MAX_VALUE : 1 + (bytes << 4);
        long before = peer.receivedBytes();
        peer.beginPoll();
        session.poll(peer, most);
        log.polled(session.hasOutput());
        session.endIfDone();
        if (session.isOver()) {
            session.poll(peer, most);
        }
        long polled = peer.receivedBytes() - before;
        handedOutBytes += polled;
        assertThat(polled).isLessThan((long) most + 2 * Frame.HEADER_BYTES + config.maxFrameBytes());
        assertThat(expected || polled == 0).as("output that nobody was told of").isTrue();
        log.polled(session.hasOutput());
        if (bytes == ALL) {
            assertThat(session.hasOutput()).isFalse();
        }
    }

    private void written(int part) {
        long bytes = part == ALL ? handedOutBytes : handedOutBytes * part / ALL;
        handedOutBytes -= bytes;
        session.written(bytes);
    }

    private void check() {
        YamuxStats stats = session.stats();
        assertThat(stats.inboundStreams()).isBetween(0, config.maxInboundStreams());
        assertThat(stats.outboundStreams()).isBetween(0, config.maxOutboundStreams());
        assertThat(stats.memoryBytes()).isBetween(0L, config.sessionMemoryBytes());
        log.check(stats, config, session);
        peer.check();
    }

    private void endOrderly() {
        if (session.isOver() || !peer.isBetweenFrames()) {
            return;
        }
        log.onNextEvent(() -> {}); // what it still had in mind may end the session otherwise
        log.streams().forEach(stream -> log.reset(stream, 0));
        check();
        session.shutdown();
        poll(ALL);
        assertThat(session.isOver()).as("ends with its last stream").isTrue();
        assertThat(log.cause().reason()).isEqualTo(Reason.CLOSED);
        assertThat(peer.hasGoAway()).isTrue();
    }

    private void giveBack() {
        poll(ALL);
        written(ALL);
        for (YamuxStream stream : log.streams()) {
            log.read(stream, log.unread(stream));
            if (stream.unreadBytes() > 0) { // announced, and never came
                log.close(stream);
            }
        }
        YamuxStats stats = session.stats();
        assertThat(stats.inboundStreams() + stats.outboundStreams()).isZero();
        assertThat(stats.memoryBytes()).isZero();
        assertThat(session.nanosToNextTick()).isEqualTo(DeadlineQueue.NEVER);
        poll(ALL);
        assertThat(log.cause()).as("why the session ended").isNotNull();
    }

    private int next() {
        return script.hasRemaining() ? Byte.toUnsignedInt(script.get()) : 0;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[Math.min(count, script.remaining())];
        script.get(bytes);
        return bytes;
    }
}
