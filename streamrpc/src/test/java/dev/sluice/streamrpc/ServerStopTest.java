package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServerStopTest extends RpcFixture {
    private static final String REQUEST = Wire.frame("{\"Method\":\"/test.streamrpc.Test/Stream\"}");
    private static final Duration LONG = Duration.ofMinutes(10);

    private final CountDownLatch mayAccept = new CountDownLatch(1);
    private final CountDownLatch called = new CountDownLatch(1);

    /** Echoes until the client ends, once it may. */
    private void echo(byte[] request, StreamObserver<byte[]> done) {
        try {
            called.countDown();
            mayAccept.await();
            ByteStream stream = StreamRpc.accept();
            stream.transferTo(stream, Long.MAX_VALUE);
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    @Test
    void shouldRefuseNewCallsAndFinishThoseUnderWay() throws Exception {
        SluiceServer server = serve(this::echo);
        try (Wire running = Wire.connect(server.endpoints().get(0));
                Wire asking = Wire.connect(server.endpoints().get(0));
                Wire late = Wire.connect(server.endpoints().get(0));
                Wire silent = Wire.connect(server.endpoints().get(0))) {
            asking.send(Wire.MAGIC + REQUEST);
            late.send(Wire.MAGIC);
            running.send(Wire.MAGIC + REQUEST);
            await().untilAsserted(() -> assertThat(server.stats().byProtocol()).containsEntry("streamrpc00", 3L));
            await().untilAsserted(() -> assertThat(server.stats().open()).isEqualTo(4));
            called.await();
            mayAccept.countDown();
            assertThat(running.sendText("x").read(5)).isEqualTo("00000000" + Wire.hex("x"));
            assertThat(asking.read(4)).isEqualTo("00000000");
            CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> server.stop(LONG), THREADS);
            assertThat(silent.isClosedWithoutAWord()).isTrue(); // last, so the protocol knows by now

            assertThat(late.send(REQUEST).readFrame()).isEqualTo("{\"Error\":\"streamrpc: server already stopped\"}");
            assertThat(late.readToEnd()).isEmpty();
            assertThat(running.sendText("y").readText(1)).isEqualTo("y");
            assertThat(stop).isNotDone();
            assertThat(running.sendText("z").end().readToEnd()).isEqualTo(Wire.hex("z"));
            assertThat(asking.end().readToEnd()).isEmpty();
            late.end();
            stop.get(20, TimeUnit.SECONDS);
        }
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(2, 1, 0));
    }

    @Test
    void shouldLetACallThatWasTakenBeforeTheStopBeAcceptedAfterIt() throws Exception {
        SluiceServer server = serve(this::echo);
        try (Wire wire = Wire.connect(server.endpoints().get(0))) {
            wire.send(Wire.MAGIC + REQUEST);
            called.await();
            CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> server.stop(LONG), THREADS);
            await().untilAsserted(() -> assertThat(isListening(server)).isFalse());
            mayAccept.countDown();
            assertThat(wire.sendText("x").end().readToEnd()).isEqualTo("00000000" + Wire.hex("x"));
            stop.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldCutAStreamThatDoesNotEndWithinTheLimit() throws Exception {
        SluiceServer server = serve(this::echo);
        mayAccept.countDown();
        try (Wire wire = Wire.connect(server.endpoints().get(0))) {
            assertThat(wire.send(Wire.MAGIC + REQUEST).read(4)).isEqualTo("00000000");
            server.stop(Duration.ofMillis(20));
            assertThat(wire.isClosedWithoutAWord()).isTrue();
        }
        await().untilAsserted(() -> assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(1, 0, 1)));
    }

    private static boolean isListening(SluiceServer server) {
        try {
            Wire.connect(server.endpoints().get(0)).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
