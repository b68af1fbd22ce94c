package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Peers that send more than they should, over a connection. What the session holds stays bounded, and another session on the same loop goes
 * on.
 */
class FloodTest extends SessionFixture {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int PING = 2;
    private static final int SYN = 1;
    private static final int RST = 8;
    private static final int HEADER_BYTES = 12;

    /** What the connection in memory, the frames that are committed, and what one read takes may have lent. */
    private static final int OVERHEAD_BYTES = 2 << 20;

    /** Says nothing by itself, and may leave unread what it is told. */
    private static final class Flood extends Recorder {
        private final boolean reading;
        private ByteBuffer unsent = ByteBuffer.allocate(0);

        Flood(boolean reading) {
            this.reading = reading;
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (reading) {
                super.onReadable(connection);
            } // else it is not told again
        }

        @Override
        public void onWritable(Connection connection) {
            send(connection);
        }

        private void send(Connection connection) {
            try {
                connection.write(unsent);
            } catch (IOException e) {
                unsent.position(unsent.limit()); // the other side has had enough
            }
        }

        /** Sends {@code frames}, made by {@code frame}, and waits until all are with the connection. */
        void send(int frames, int frameBytes, Consumer<ByteBuffer> frame) throws Exception {
            ByteBuffer all = ByteBuffer.allocate(frames * frameBytes);
            for (int i = 0; i < frames; i++) {
                frame.accept(all);
            }
            onLoop(() -> {
                unsent = all.flip();
                send(connection());
                return null;
            });
            await().until(() -> onLoop(() -> !unsent.hasRemaining()));
        }
    }

    private Recorder bystander;
    private Recorder bystandersPeer;

    @BeforeEach
    void openBystander() throws Exception {
        bystander = open(client(YamuxConfig.defaults(), YamuxConfig.defaults()));
        bystandersPeer = awaitAccepted();
    }

    private void requireBystanderUnharmed() throws Exception {
        bystander.write(new byte[] {1});
        assertThat(bystandersPeer.awaitBytes(1)).containsExactly(1);
        bystandersPeer.write(new byte[] {2});
        assertThat(bystander.awaitBytes(1)).containsExactly(2);
    }

    private static void header(ByteBuffer to, int type, int flags, int streamId, int length) {
        to.put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(streamId)
                .putInt(length);
    }

    @Test
    void shouldHoldLittleWhenPingsAreNotRead() throws Exception {
        Flood peer = new Flood(false);
        Yamux session = client(YamuxConfig.defaults(), peer);
        peer.send(500_000, HEADER_BYTES, to -> header(to, PING, SYN, 0, 7));
        await().until(() -> result(session.stats()).framesIn() == 500_000);
        assertThat(result(session.stats()).pongsDropped()).isGreaterThan(400_000);
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }

    @Test
    void shouldEndTheSessionWhenResetsAreNotRead() throws Exception {
        Flood peer = new Flood(false);
        Yamux session = client(YamuxConfig.builder().maxInboundStreams(10).build(), peer);
        int[] id = {0};
        peer.send(500_000, HEADER_BYTES, to -> header(to, WINDOW_UPDATE, SYN, id[0] += 2, 0));
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.LIMIT_EXCEEDED);
        assertThat(accepted).hasSize(10);
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }

    @Test
    void shouldRefuseStreamsBeyondTheLimitAndLetTheOthersLive() throws Exception {
        Flood peer = new Flood(true);
        Yamux session = client(YamuxConfig.builder().maxInboundStreams(10).build(), peer);
        int[] id = {0};
        peer.send(10_000, HEADER_BYTES, to -> header(to, WINDOW_UPDATE, SYN, id[0] += 2, 0));
        await().until(() -> result(session.stats()).refused() == 9_990);
        Recorder first = awaitAccepted();
        peer.send(1, HEADER_BYTES + 1, to -> {
            header(to, DATA, 0, 2, 1);
            to.put((byte) 5);
        });
        assertThat(first.awaitBytes(1)).containsExactly(5);
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }

    @Test
    void shouldEndTheSessionWhenStreamsAreOpenedAndResetInALoop() throws Exception {
        Flood peer = new Flood(true);
        Yamux session = client(YamuxConfig.defaults(), peer);
        int[] id = {0};
        peer.send(100_000, 2 * HEADER_BYTES, to -> {
            header(to, WINDOW_UPDATE, SYN, id[0] += 2, 0);
            header(to, WINDOW_UPDATE, RST, id[0], 0);
        });
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(accepted.size()).isLessThan(1_000);
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }

    @Test
    void shouldHoldNothingForWhatIsOnlyAnnounced() throws Exception {
        Flood peer = new Flood(true);
        client(YamuxConfig.defaults(), peer);
        long before = buffers().outstandingBytes();
        peer.send(1, 2 * HEADER_BYTES + 1, to -> {
            header(to, WINDOW_UPDATE, SYN, 2, 0);
            header(to, DATA, 0, 2, YamuxConfig.PROTOCOL_WINDOW_BYTES);
            to.put((byte) 5);
        });
        assertThat(awaitAccepted().awaitBytes(1)).containsExactly(5);
        assertThat(buffers().outstandingBytes()).isLessThanOrEqualTo(before + (4 << 10));
    }

    /** A window full of payload, a byte a frame, that nobody reads. */
    @Test
    void shouldHoldAboutThePayloadOfTinyFrames() throws Exception {
        Flood peer = new Flood(true);
        Yamux session = client(YamuxConfig.defaults(), peer);
        peer.send(1, HEADER_BYTES, to -> header(to, WINDOW_UPDATE, SYN, 2, 0));
        Recorder stream = awaitAccepted();
        stream.onLoop(() -> {
            stream.connection().pauseReading();
            return null;
        });
        peer.send(YamuxConfig.PROTOCOL_WINDOW_BYTES, HEADER_BYTES + 1, to -> {
            header(to, DATA, 0, 2, 1);
            to.put((byte) 5);
        });
        await().until(() -> result(session.stats()).framesIn() == 1 + YamuxConfig.PROTOCOL_WINDOW_BYTES);
        await().until(() -> buffers().outstandingBytes() <= 2 * YamuxConfig.PROTOCOL_WINDOW_BYTES);
        assertThat(stream.isClosed()).isFalse();
        requireBystanderUnharmed();
    }

    @Test
    void shouldIgnoreEmptyFramesAndEndlessWindows() throws Exception {
        Flood peer = new Flood(true);
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        peer.send(200_000, 2 * HEADER_BYTES, to -> {
            header(to, DATA, 0, 1, 0);
            header(to, WINDOW_UPDATE, 0, 1, -1);
        });
        await().until(() -> result(session.stats()).framesIn() == 400_000);
        stream.write(new byte[] {3});
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }

    @Test
    void shouldDropWhatUnknownStreamsCarry() throws Exception {
        Flood peer = new Flood(true);
        Yamux session = client(YamuxConfig.defaults(), peer);
        byte[] payload = new byte[100_000];
        peer.send(100, HEADER_BYTES + payload.length, to -> {
            header(to, DATA, 0, 1 << 30, payload.length);
            to.put(payload);
        });
        await().until(() -> result(session.stats()).framesDropped() == 100);
        Recorder stream = open(session);
        stream.write(new byte[] {3});
        assertThat(buffers().outstandingBytes()).isLessThan(OVERHEAD_BYTES);
        requireBystanderUnharmed();
    }
}
