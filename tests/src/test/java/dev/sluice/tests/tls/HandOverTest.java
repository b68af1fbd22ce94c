package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Side;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was said on the loop before threads took a connection over TLS, and what the loop does to it afterwards. */
class HandOverTest {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final int PAYLOAD_BYTES = 4 << 20;
    private static final int QUEUED_BYTES = 100_000;
    private static final int SMALL_BUFFERS = 16 << 10;

    private final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).name("hand-over").buffers(buffers).build();
    private Side client;
    private Side server;

    private void connect(String below) throws Exception {
        Recorder connected = new Recorder();
        Recorder accepted = new Recorder();
        Tls connecting = Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .build();
        try (Listener listener =
                group.listen(Endpoint.parse(below).with(Tls.server(IDENTITY)), connection -> accepted)) {
            Waiting.result(
                    group.connect(listener.endpoint().below().with(connecting), connected, Duration.ofSeconds(20)));
            client = new Side(connected.awaitAttached(), connected);
            server = new Side(accepted.awaitAttached(), accepted);
        }
    }

    private static <T> CompletableFuture<T> inThread(Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(body.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private static CompletableFuture<byte[]> readAll(ByteStream stream) {
        return inThread(() -> stream.inputStream().readAllBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldSendWhatWasWrittenBeforeWhenThreadsOnlyRead(String below) throws Exception {
        connect(below);
        ByteStream stream = server.call(c -> {
            c.write(ByteBuffer.wrap(HELLO));
            return c.blocking();
        });
        CompletableFuture<byte[]> read = readAll(stream);
        client.recorder().awaitReceived(HELLO.length);
        client.sendAll(new Payload(1, 10));
        client.shutdownOutput();
        assertThat(Waiting.result(read)).isEqualTo(new Payload(1, 10).bytes());
        stream.close();
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedHead()).isEqualTo(HELLO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldSayTheEndThatWasAskedForBefore(String below) throws Exception {
        connect(below);
        ByteStream stream = server.call(c -> {
            c.write(ByteBuffer.wrap(HELLO));
            c.shutdownOutput();
            return c.blocking();
        });
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedHead()).isEqualTo(HELLO);
        assertThatThrownBy(() -> stream.write(ByteBuffer.wrap(HELLO))).isInstanceOf(IllegalStateException.class);
        client.sendAll(new Payload(2, 10));
        client.shutdownOutput();
        assertThat(Waiting.result(readAll(stream))).isEqualTo(new Payload(2, 10).bytes());
        stream.close();
    }

    /** Both sides write before they read, more than there is room for. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0?rcvbuf=16384&sndbuf=16384", "memory:hand-over"})
    void shouldReadWhileWhatWasWrittenBeforeHasNoRoom(String below) throws Exception {
        connect(below);
        client.run(Connection::pauseReading);
        ByteBuffer large = ByteBuffer.wrap(new Payload(3, PAYLOAD_BYTES).bytes());
        ByteStream stream = server.call(c -> {
            c.write(large);
            return c.blocking();
        });
        assertThat(large.hasRemaining()).isTrue();
        Payload fromClient = new Payload(4, PAYLOAD_BYTES);
        CompletableFuture<byte[]> read = inThread(() -> stream.inputStream().readNBytes(PAYLOAD_BYTES));
        client.sendAll(fromClient);
        assertThat(Waiting.result(read)).isEqualTo(fromClient.bytes());

        client.run(Connection::resumeReading);
        stream.write(large);
        stream.close();
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedSha256()).isEqualTo(new Payload(3, PAYLOAD_BYTES).sha256());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0?rcvbuf=16384&sndbuf=16384", "memory:hand-over"})
    void shouldDeliverAllWhenTheLoopClosesWhileThereIsNoRoom(String below) throws Exception {
        connect(below);
        client.run(Connection::pauseReading);
        byte[] payload = new Payload(7, PAYLOAD_BYTES).bytes();
        ByteBuffer taken = ByteBuffer.wrap(payload);
        ByteStream stream = server.call(c -> {
            c.write(taken);
            return c.blocking();
        });
        assertThat(taken.hasRemaining()).isTrue();
        stream.write(taken.limit(taken.position() + QUEUED_BYTES));
        server.close();
        client.run(Connection::resumeReading);
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedSha256())
                .isEqualTo(new Payload(7, PAYLOAD_BYTES).sha256(0, taken.limit()));
    }

    /** Returns the view that a thread takes while the loop is busy with something else, until the latch is down, and then does the rest. */
    private ByteStream viewWhileBusy(CountDownLatch until, Side.Action rest) throws Exception {
        server.run(Connection::pauseReading);
        CountDownLatch busy = new CountDownLatch(1);
        server.connection().loop().execute(() -> {
            try {
                server.connection().write(ByteBuffer.wrap(HELLO));
                busy.countDown();
                until.await();
                rest.on(server.connection());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        busy.await();
        return server.connection().blocking();
    }

    private static void assertFails(CompletableFuture<?> call, Reason reason) {
        assertThatThrownBy(() -> Waiting.result(call))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldLoseNothingWhenTheViewIsClosedBeforeTheLoopGaveIt(String below) throws Exception {
        connect(below);
        CountDownLatch closed = new CountDownLatch(1);
        ByteStream stream = viewWhileBusy(closed, c -> {});
        stream.close();
        assertThat(stream.isOpen()).isFalse();
        closed.countDown();
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedHead()).isEqualTo(HELLO);
        assertFails(inThread(() -> stream.write(ByteBuffer.wrap(HELLO))), Reason.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldLetCallersWaitUntilTheLoopGivesTheView(String below) throws Exception {
        connect(below);
        CountDownLatch go = new CountDownLatch(1);
        ByteStream stream = viewWhileBusy(go, c -> {});
        assertThat(stream.isOpen()).isTrue();
        CompletableFuture<byte[]> read = readAll(stream);
        go.countDown();
        client.recorder().awaitReceived(HELLO.length);
        client.sendAll(new Payload(6, 10));
        client.shutdownOutput();
        assertThat(Waiting.result(read)).isEqualTo(new Payload(6, 10).bytes());
        stream.shutdownOutput();
        client.recorder().awaitEnd();
        stream.close();
        assertThat(stream.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldTellCallersWhenTheConnectionClosesBeforeTheLoopGivesTheView(String below) throws Exception {
        connect(below);
        CountDownLatch go = new CountDownLatch(1);
        ByteStream stream = viewWhileBusy(go, c -> c.abort(new TransportException(Reason.TIMEOUT, "thrown by a test")));
        CompletableFuture<byte[]> read = readAll(stream);
        go.countDown();
        assertFails(read, Reason.TIMEOUT);
        assertThat(stream.isOpen()).isFalse();
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldCutTheConnectionWhenAbortedBeforeTheLoopGivesTheView(String below) throws Exception {
        connect(below);
        CountDownLatch go = new CountDownLatch(1);
        ByteStream stream = viewWhileBusy(go, c -> {});
        CompletableFuture<byte[]> read = readAll(stream);
        stream.abort();
        assertFails(read, Reason.CANCELLED);
        go.countDown();
        assertThat(server.recorder().awaitClosed().reason()).isEqualTo(Reason.CANCELLED);
        client.recorder().awaitClosed();
        assertThat(client.recorder().endsSeen()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldCutTheConnectionWhenACallerIsInterruptedWhileItWaits(String below) throws Exception {
        connect(below);
        CountDownLatch go = new CountDownLatch(1);
        ByteStream stream = viewWhileBusy(go, c -> {});
        CompletableFuture<byte[]> read = inThread(() -> {
            Thread.currentThread().interrupt();
            return stream.inputStream().readAllBytes();
        });
        assertFails(read, Reason.CANCELLED);
        go.countDown();
        assertThat(server.recorder().awaitClosed().reason()).isEqualTo(Reason.CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "memory:hand-over"})
    void shouldSayTheEndWhenTheLoopClosesWhileThreadsRead(String below) throws Exception {
        connect(below);
        ByteStream stream = server.blocking();
        CompletableFuture<byte[]> read = readAll(stream);
        stream.write(ByteBuffer.wrap(HELLO));
        server.close();
        client.recorder().awaitEnd();
        assertThat(client.recorder().receivedHead()).isEqualTo(HELLO);
        client.close();
        assertThatThrownBy(() -> Waiting.result(read)).isInstanceOf(TransportException.class);
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0"})
    void shouldCountWhatAWaitingReaderHolds(String below) throws Exception {
        connect(below);
        Waiting.until("nothing held while idle", () -> buffers.outstandingBytes() == 0);
        ByteStream stream = server.blocking();
        CompletableFuture<byte[]> read = readAll(stream);
        Waiting.until("the reader waits", () -> buffers.outstandingBytes() > 0);
        assertThat(buffers.outstandingBytes()).isLessThan(SMALL_BUFFERS);
        client.sendAll(new Payload(5, PAYLOAD_BYTES));
        client.shutdownOutput();
        assertThat(Waiting.result(read)).isEqualTo(new Payload(5, PAYLOAD_BYTES).bytes());
        stream.close();
    }

    @AfterEach
    void shouldLeaveNothingLent() {
        group.close();
        Waiting.until("nothing lent", () -> buffers.outstanding().isEmpty());
    }
}
