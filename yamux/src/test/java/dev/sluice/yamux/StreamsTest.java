package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What streams do on the wire, and to each other. */
class StreamsTest extends SessionFixture {
    private boolean refusing;
    private boolean closing;
    private boolean asking;

    @Override
    ConnectionHandler accept(Connection stream) {
        if (refusing) {
            throw new IllegalStateException("refused by a test");
        }
        if (closing) {
            stream.close();
        }
        if (asking) {
            return new Recorder() {
                @Override
                public boolean usesThreads() {
                    throw new IllegalStateException("thrown by a test");
                }
            };
        }
        return super.accept(stream);
    }

    private static int write(Recorder stream, int bytes) throws Exception {
        return stream.onLoop(() -> stream.connection().write(ByteBuffer.allocate(bytes)));
    }

    private static void pause(Recorder stream) throws Exception {
        stream.onLoop(() -> {
            stream.connection().pauseReading();
            return null;
        });
    }

    private static void resume(Recorder stream) throws Exception {
        stream.onLoop(() -> {
            stream.connection().resumeReading();
            return null;
        });
    }

    @Test
    void shouldSendTheSmallWritesOfATurnInOneFrame() throws Exception {
        Recorder peer = new Recorder();
        Recorder stream = open(client(YamuxConfig.defaults(), peer));
        peer.awaitBytes(12);
        stream.onLoop(() -> {
            for (int i = 1; i <= 3; i++) {
                stream.connection().write(ByteBuffer.wrap(new byte[] {(byte) i}));
            }
            stream.connection().shutdownOutput();
            return null;
        });
        assertThat(HexFormat.of().formatHex(peer.awaitBytes(39)))
                .isEqualTo("000100010000000100000000" + "000000000000000100000003" + "010203"
                        + "000100040000000100000000");
    }

    @Test
    void shouldWriteAllFramesOfATurnAtOnce() throws Exception {
        Recorder peer = new Recorder();
        AtomicInteger writes = new AtomicInteger();
        Yamux session = client(YamuxConfig.defaults(), peer, below -> counting(below, writes));
        Recorder first = open(session);
        Recorder second = open(session);
        peer.awaitBytes(2 * 12);
        int before = writes.get();
        first.onLoop(() -> {
            first.connection().write(ByteBuffer.allocate(1000));
            second.connection().write(ByteBuffer.allocate(100));
            first.connection().shutdownOutput();
            second.connection().write(ByteBuffer.allocate(10));
            return null;
        });
        peer.awaitBytes(2 * 12 + 12 + 1000 + 12 + 12 + 110);
        assertThat(writes).hasValue(before + 1);
    }

    private static Connection counting(Connection below, AtomicInteger writes) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("write")) {
                        writes.incrementAndGet();
                    }
                    try {
                        return method.invoke(below, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    IdleStrategy idle() {
        return IdleStrategy.adaptive();
    }

    /** Returns how often the loop has looked for more when it sleeps, all work done. */
    private long looksUntilAsleep() throws Exception {
        EventLoop loop = group().next();
        await().until(() -> {
            long before = loop.stats().wakeups();
            CompletableFuture<Void> ran = new CompletableFuture<>();
            loop.execute(() -> ran.complete(null));
            result(ran);
            return loop.stats().wakeups() > before;
        });
        return loop.stats().looks();
    }

    @Test
    void shouldExpectMoreInputWhereAHandlerOnTheLoopReadsOn() throws Exception {
        Recorder stream = open(client(YamuxConfig.defaults(), YamuxConfig.defaults()));
        Recorder peer = awaitAccepted();
        assertThat(looksUntilAsleep()).isZero();
        write(stream, 1);
        peer.awaitBytes(1);
        long small = looksUntilAsleep();
        assertThat(small).isPositive();
        for (int i = 0; i < 3; i++) { // after a look in vain one is passed over
            write(stream, 16 << 10);
            peer.awaitBytes(1 + (i + 1) * (16 << 10));
            looksUntilAsleep();
        }
        assertThat(looksUntilAsleep()).isGreaterThan(small);
    }

    @Test
    void shouldExpectNothingWhereAHandlerDoesNotRead() throws Exception {
        Recorder stream = open(client(YamuxConfig.defaults(), YamuxConfig.defaults()));
        pause(awaitAccepted());
        write(stream, 64 << 10);
        assertThat(looksUntilAsleep()).isZero();
    }

    @Test
    void shouldLeaveTheProcessorToThreadsThatRead() throws Exception {
        Recorder stream = open(client(YamuxConfig.defaults(), YamuxConfig.defaults()));
        Recorder peer = awaitAccepted();
        ByteStream view = peer.onLoop(() -> peer.connection().blocking());
        write(stream, 64 << 10);
        assertThat(view.inputStream().readNBytes(64 << 10)).hasSize(64 << 10);
        assertThat(looksUntilAsleep()).isZero();
        view.close();
    }

    @Test
    void shouldCloseOnlyTheStreamWhoseHandlerThrowsWhenAskedForThreads() throws Exception {
        asking = true;
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder stream = open(session);
        write(stream, 1);
        assertThat(stream.awaitClosed().reason()).isEqualTo(Reason.RESET);
        asking = false;
        write(open(session), 1);
        assertThat(awaitAccepted().awaitBytes(1)).hasSize(1);
    }

    @Test
    void shouldTakeNoMoreThanTheWindowAndSayWhenThereIsRoom() throws Exception {
        Recorder peer = new Recorder();
        Yamux session = client(YamuxConfig.defaults(), peer);
        Recorder stream = open(session);
        int taken = 0;
        for (int n = write(stream, 1 << 20); n > 0; n = write(stream, 1 << 20)) {
            taken += n;
            peer.awaitBytes(12 + taken);
        }
        assertThat(taken).isEqualTo(YamuxConfig.PROTOCOL_WINDOW_BYTES);
        assertThat(stream.rooms()).isZero();
        peer.write(HexFormat.of().parseHex("000100000000000100000010"));
        await().until(() -> stream.rooms() == 1);
        assertThat(write(stream, 100)).isEqualTo(16);
        assertThat(result(session.stats()).stalls()).isEqualTo(2);
    }

    @Test
    void shouldGoOnWithOthersWhenOneIsNotRead() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder bulk = open(session);
        Recorder unread = awaitAccepted();
        pause(unread);
        while (write(bulk, 64 << 10) > 0) {
            session.connection().bytesOut();
        }
        Recorder small = open(session);
        Recorder other = awaitAccepted();
        small.write(new byte[] {7});
        assertThat(other.awaitBytes(1)).containsExactly(7);
        other.write(new byte[] {8});
        assertThat(small.awaitBytes(1)).containsExactly(8);
        resume(unread);
        await().until(() -> bulk.rooms() > 0);
    }

    @Test
    void shouldHoldLittleWhenNobodyReadsAndAllWrite() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), new Recorder() {
            @Override
            public void onReadable(Connection connection) {
                connection.pauseReading();
            }
        });
        for (int i = 0; i < 250; i++) {
            Recorder stream = open(session);
            for (int turn = 0; turn < 3; turn++) {
                stream.onLoop(() -> {
                    while (stream.connection().write(ByteBuffer.allocate(1000)) == 1000) {
                        // until it is refused
                    }
                    return null;
                });
            }
        }
        assertThat(buffers().outstandingBytes()).isLessThan(6 << 20);
    }

    @Test
    void shouldResetAStreamThatTheAcceptorRefusesAndNothingElse() throws Exception {
        refusing = true;
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder refused = open(session);
        assertThat(refused.awaitClosed().reason()).isEqualTo(Reason.RESET);
        refusing = false;
        Recorder stream = open(session);
        stream.write(new byte[] {1});
        assertThat(awaitAccepted().awaitBytes(1)).containsExactly(1);
    }

    @Test
    void shouldKeepNothingOfAStreamThatTheAcceptorCloses() throws Exception {
        closing = true;
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder refused = open(session);
        assertThat(refused.awaitClosed().reason()).isEqualTo(Reason.RESET);
        assertThat(awaitAccepted().awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        assertThat(result(session.stats()).outboundStreams()).isZero();
        await().until(() -> group().next().connectionCount() == 2); // both ends of the one below
    }

    @Test
    void shouldRefuseToOpenMoreThanTheLimit() throws Exception {
        YamuxConfig config = YamuxConfig.builder().maxOutboundStreams(1).build();
        Yamux session = client(config, YamuxConfig.defaults());
        open(session);
        assertThatThrownBy(() -> open(session))
                .cause()
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("maxOutboundStreams");
        assertThat(result(session.stats()).outboundStreams()).isEqualTo(1);
    }

    @Test
    void shouldTellThePeerThatNobodyReadsAClosedStream() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder stream = open(session);
        Recorder other = awaitAccepted();
        stream.onLoop(() -> {
            stream.connection().close();
            return null;
        });
        other.awaitEnd();
        other.write(new byte[] {1});
        assertThat(other.awaitClosed().reason()).isEqualTo(Reason.RESET);
        await().until(() -> result(session.stats()).outboundStreams() == 0);
    }

    @Test
    void shouldOpenStreamsFromWithinTheHandlersOfOthers() throws Exception {
        Yamux session = client(YamuxConfig.defaults(), YamuxConfig.defaults());
        Recorder inner = new Recorder();
        session.openStream(new Recorder() {
            @Override
            public void onReadable(Connection connection) throws IOException {
                super.onReadable(connection);
                session.openStream(inner);
                inner.connection().write(ByteBuffer.wrap(new byte[] {2}));
                connection.close();
            }
        });
        awaitAccepted().write(new byte[] {1});
        assertThat(awaitAccepted().awaitBytes(1)).containsExactly(2);
    }
}
