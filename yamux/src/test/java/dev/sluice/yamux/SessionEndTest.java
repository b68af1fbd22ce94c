package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** How a session ends, what its peer sees of it, and what becomes of its streams. */
class SessionEndTest extends SessionFixture {
    private static final String GO_AWAY_NORMAL = "000300000000000000000000";
    private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";
    private static final String SYN_OF_STREAM_1 = "000100010000000100000000";

    private final AtomicLong skippedNanos = new AtomicLong();
    private final Recorder peer = new Recorder();

    @Override
    LongSupplier clock() {
        return () -> System.nanoTime() + skippedNanos();
    }

    /** Asked while this object is still being made. */
    private long skippedNanos() {
        return skippedNanos == null ? 0 : skippedNanos.get();
    }

    private void skip(Duration time, Recorder on) throws Exception {
        skippedNanos.addAndGet(time.toNanos());
        on.onLoop(() -> null);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldSayGoodbyeWhenItIsClosed() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        session.close();
        peer.awaitEnd();
        assertThat(hex(peer.awaitBytes(12))).isEqualTo(GO_AWAY_NORMAL);
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
        peer.onLoop(() -> {
            peer.connection().close();
            return null;
        });
        await().until(() -> session.connection().state() == ConnectionState.CLOSED);
    }

    @Test
    void shouldSendAllThatWasWrittenWhenItIsClosed() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        stream.onLoop(() -> {
            stream.connection().write(ByteBuffer.wrap(new byte[] {1, 2}));
            session.close();
            return null;
        });
        peer.awaitEnd();
        assertThat(hex(peer.awaitBytes(38)))
                .isEqualTo(SYN_OF_STREAM_1 + "000000000000000100000002" + "0102" + GO_AWAY_NORMAL);
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.SHUTDOWN);
    }

    @Test
    void shouldNotCallAStreamCompleteThatAnOrderlyPeerHasCut() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        peer.awaitBytes(12);
        peer.write(bytes(GO_AWAY_NORMAL));
        peer.onLoop(() -> {
            peer.connection().close();
            return null;
        });
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.TRUNCATED);
    }

    /** Its handler has paused reading until there is room, as one that copies does. */
    @Test
    void shouldWakeAWriterWhoseStreamIsCutWithUnreadInput() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        stream.onLoop(() -> {
            stream.connection().pauseReading();
            return null;
        });
        peer.awaitBytes(12);
        peer.write(bytes("000000000000000100000002" + "0102"));
        while (stream.onLoop(() -> stream.connection().write(ByteBuffer.allocate(1 << 20))) > 0) {
            peer.onLoop(() -> null);
        }
        assertThat(stream.rooms()).isZero();
        peer.onLoop(() -> {
            peer.connection().close();
            return null;
        });
        result(session.ended());
        await().until(() -> stream.rooms() == 1);
        assertThatThrownBy(() -> stream.onLoop(() -> stream.connection().write(ByteBuffer.allocate(1))))
                .hasCauseInstanceOf(TransportException.class);
        assertThat(stream.isClosed()).isTrue();
    }

    /** As a slow link does; the time that a write may stand still is much longer than the second for which a closed connection lingers. */
    @Test
    void shouldDeliverWhatClosedStreamsWroteToAPeerThatReadsSlowly() throws Exception {
        Recorder slow = new Recorder() {
            @Override
            public void onReadable(Connection connection) {
                connection.pauseReading();
            }
        };
        Yamux session = client(YamuxConfig.defaults(), slow);
        long written = 0;
        for (int i = 0; i < 9; i++) {
            Recorder stream = open(session);
            written += stream.onLoop(() -> {
                long taken = 0;
                for (int n = 1; n > 0; taken += n) {
                    n = stream.connection().write(ByteBuffer.allocate(10_000));
                }
                stream.connection().close();
                return taken;
            });
        }
        session.close();
        long received = 0;
        for (int n = 0; n >= 0; received += Math.max(0, n)) {
            skip(Duration.ofMillis(600), slow); // less than the time in which a session that closes has to hand all out
            n = slow.onLoop(() -> slow.connection().read(ByteBuffer.allocate(64 << 10)));
        }
        assertThat(written).isGreaterThan(512 << 10);
        assertThat(received).isGreaterThan(written);
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
    }

    /** Whoever it told could write to the same stream, into the middle of what is being written. */
    @Test
    void shouldTellNobodyOfAnythingInTheMiddleOfAWrite() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder late = open(session);
        Recorder stream = open(session);
        peer.awaitBytes(24);
        peer.write(bytes("000100020000000300000000"));
        boolean closedMeanwhile = stream.onLoop(() -> {
            skippedNanos.addAndGet(YamuxConfig.defaults().openTimeout().toNanos());
            stream.connection().write(ByteBuffer.allocate(192 << 10));
            return late.isClosed();
        });
        assertThat(closedMeanwhile).isFalse();
        assertThat(late.awaitClosed().reason()).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void shouldGiveBackItsBuffersWhenTheConnectionIsClosedFromWithin() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        session.ended().thenAccept(cause -> session.connection().close());
        session.close();
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
        await().until(() -> session.connection().state() == ConnectionState.CLOSED);
        await().until(() -> buffers().outstandingBytes() == 0);
    }

    @Test
    void shouldLetItsStreamsEndWhenItIsShutDown() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder stream = open(session);
        Recorder other = awaitAccepted();
        session.shutdown();
        assertThatThrownBy(() -> open(session))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SHUTDOWN));
        stream.write(new byte[] {1});
        assertThat(other.awaitBytes(1)).containsExactly(1);
        stream.onLoop(() -> {
            stream.connection().close();
            return null;
        });
        other.awaitEnd();
        assertThat(session.ended().toCompletableFuture()).isNotDone();
        other.onLoop(() -> {
            other.connection().close();
            return null;
        });
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void shouldTellAPeerThatBreaksTheProtocolAndCutTheConnection() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        peer.awaitBytes(12);
        peer.write(bytes("010000000000000000000000"));
        peer.awaitEnd();
        assertThat(hex(peer.awaitBytes(24))).isEqualTo(SYN_OF_STREAM_1 + GO_AWAY_PROTOCOL_ERROR);
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(peer.awaitClosed().reason()).isEqualTo(Reason.RESET);
    }

    @Test
    void shouldKeepWhatWasReceivedReadableWhenTheSessionEnds() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder ended = open(session);
        Recorder cut = open(session);
        for (Recorder stream : new Recorder[] {ended, cut}) {
            stream.onLoop(() -> {
                stream.connection().pauseReading();
                return null;
            });
        }
        peer.awaitBytes(24);
        peer.write(bytes("000000000000000100000002" + "0102" + "000100040000000100000000"));
        peer.write(bytes("000000000000000300000003" + "030405"));
        peer.onLoop(() -> {
            peer.connection().close();
            return null;
        });
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
        for (Recorder stream : new Recorder[] {ended, cut}) {
            assertThat(stream.isClosed()).isFalse();
            stream.onLoop(() -> {
                stream.connection().resumeReading();
                return null;
            });
        }
        assertThat(ended.awaitBytes(2)).containsExactly(1, 2);
        ended.awaitEnd();
        assertThat(cut.awaitBytes(3)).containsExactly(3, 4, 5);
        assertThat(cut.awaitClosed().reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(ended.awaitClosed().reason()).isEqualTo(Reason.TRUNCATED);
    }

    @Test
    void shouldFailAllWhenThePeerIsSilent() throws Exception {
        YamuxConfig config = YamuxConfig.defaults();
        Yamux session = client(config, peer);
        Recorder stream = open(session);
        peer.awaitBytes(12);
        skip(config.keepAliveInterval(), stream);
        assertThat(hex(peer.awaitBytes(24))).isEqualTo(SYN_OF_STREAM_1 + "000200010000000000000000");
        assertThat(stream.isClosed()).isFalse();
        skip(config.keepAliveTimeout(), stream);
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(stream.awaitClosed()).hasMessageContaining("no sign of life");
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.TIMEOUT);
        skip(Duration.ofSeconds(1), stream);
        assertThat(peer.awaitClosed().reason()).isEqualTo(Reason.RESET);
    }

    /** In the loop's turn after that, something other than the connection comes first. */
    @Test
    void shouldBlameNoPeerThatAnsweredWhileTheLoopStoodStill() throws Exception {
        YamuxConfig config = YamuxConfig.defaults();
        Yamux session = client(config, peer);
        Recorder stream = open(session);
        skip(config.keepAliveInterval(), stream);
        assertThat(hex(peer.awaitBytes(24))).endsWith("000200010000000000000000");
        CompletionStage<Connection> opened = peer.onLoop(() -> {
            peer.connection().write(ByteBuffer.wrap(bytes("000200020000000000000000")));
            skippedNanos.addAndGet(config.keepAliveTimeout().plusSeconds(1).toNanos());
            return session.openStream(new Recorder());
        });
        result(opened);
        assertThat(result(session.stats()).outboundStreams()).isEqualTo(2);
        skip(Duration.ofSeconds(1), peer);
        assertThat(session.ended().toCompletableFuture()).isNotDone();
        assertThat(stream.isClosed()).isFalse();
    }

    @Test
    void shouldRefuseAStreamWithoutAHandler() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        assertThatThrownBy(() -> session.openStream(null)).isInstanceOf(NullPointerException.class);
        open(session);
        assertThat(hex(peer.awaitBytes(12))).isEqualTo(SYN_OF_STREAM_1);
    }

    @Test
    void shouldFailAllWhenThePeerDoesNotRead() throws Exception {
        YamuxConfig config =
                YamuxConfig.builder().keepAliveInterval(Duration.ZERO).build();
        Yamux session = client(config, peer);
        peer.onLoop(() -> {
            peer.connection().pauseReading();
            return null;
        });
        Recorder first = open(session);
        Recorder second = open(session);
        for (Recorder stream : new Recorder[] {first, second}) {
            stream.onLoop(() -> stream.connection().write(ByteBuffer.allocate(1 << 20)));
        }
        skip(config.writeTimeout(), first);
        assertThat(first.awaitClosed().reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(second.awaitClosed()).hasMessageContaining("writeTimeout");
        skip(Duration.ofSeconds(1), peer);
        await().until(() -> session.connection().state() == ConnectionState.CLOSED);
    }

    @Test
    void shouldAnswerPingsAndLoseThemInTime() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        var answered = session.ping().toCompletableFuture();
        var joined = session.ping().toCompletableFuture();
        assertThat(hex(peer.awaitBytes(12))).isEqualTo("000200010000000000000000");
        peer.write(bytes("000200020000000000000000"));
        assertThat(result(answered)).isPositive();
        assertThat(result(joined)).isPositive();
        var lost = session.ping().toCompletableFuture();
        peer.awaitBytes(24);
        skip(YamuxConfig.defaults().pingTimeout(), peer);
        assertThatThrownBy(() -> result(lost)).hasMessageContaining("pingTimeout");
        assertThat(session.ended().toCompletableFuture()).isNotDone();
        session.close();
        result(session.ended());
        assertThatThrownBy(() -> result(session.ping())).hasCauseInstanceOf(TransportException.class);
        assertThatThrownBy(() -> open(session)).hasCauseInstanceOf(TransportException.class);
    }

    @Test
    void shouldFailAPingThatWaitsWhenTheSessionEnds() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), peer);
        var waiting = session.ping().toCompletableFuture();
        peer.awaitBytes(12);
        peer.onLoop(() -> {
            peer.connection().close();
            return null;
        });
        assertThatThrownBy(() -> result(waiting)).hasCauseInstanceOf(TransportException.class);
    }

    @Test
    void shouldLetNothingHangWhenTheLoopEnds() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder stream = open(session);
        Recorder other = awaitAccepted();
        stream.onLoop(() -> stream.connection().write(ByteBuffer.allocate(100)));
        Connection connection = session.connection();
        group().close();
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.SHUTDOWN);
        assertThat(other.isClosed()).isTrue();
        assertThat(connection.state()).isEqualTo(ConnectionState.CLOSED);
        assertThatThrownBy(() -> open(session)).hasMessageContaining("event loop has ended");
        session.close();
        assertThat(result(session.ended()).reason()).isEqualTo(Reason.SHUTDOWN);
    }
}
