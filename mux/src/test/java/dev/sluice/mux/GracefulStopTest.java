package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GracefulStopTest extends ServerFixture {
    private static final String MAGIC = "test mux   ";
    private static final Duration LONG = Duration.ofMinutes(10);

    private final EchoProtocol alpha = EchoProtocol.of("alpha", MAGIC);

    private CompletableFuture<Void> stopInBackground(Duration limit) {
        return CompletableFuture.runAsync(() -> server.stop(limit), THREADS);
    }

    @Test
    void shouldLetRunningConnectionsFinish() throws Exception {
        serve(s -> s.protocol(alpha));
        try (Peer running = connect();
                Peer detecting = connect()) {
            assertThat(running.send(MAGIC).read(6)).isEqualTo("alpha:");
            detecting.send("test");
            settle();
            CompletableFuture<Void> stop = stopInBackground(LONG);

            assertThat(detecting.isCutWithoutAWord()).isTrue();
            assertThat(alpha.drains()).isEqualTo(1);
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThat(running.send("still served").read(12)).isEqualTo("still served");
            assertThat(stop).isNotDone();

            assertThat(running.end().readToEnd()).isEmpty();
            stop.get(20, TimeUnit.SECONDS);
        }
        assertThat(server.stats().open()).isZero();
        server.awaitClosed();
    }

    @Test
    void shouldLetAHandshakeFinish() throws Exception {
        serve(s -> s.protocol(EchoProtocol.neverThrough("stalled", "test stall ")));
        try (Peer shaking = connect();
                Peer detecting = connect()) {
            shaking.send("test stall ").read(8);
            settle();
            CompletableFuture<Void> stop = stopInBackground(LONG);
            assertThat(detecting.isCutWithoutAWord()).isTrue();
            assertThat(shaking.send("x").read(1)).isEqualTo("x");
            shaking.end().readToEnd();
            stop.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldCutWhatIsNotDoneWhenTheLimitIsOver() throws IOException {
        serve(s -> s.protocol(alpha));
        try (Peer running = connect()) {
            running.send(MAGIC).read(6);
            server.stop(Duration.ofMillis(20));
            assertThat(running.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().open()).isZero();
    }

    @Test
    void shouldWakeEveryoneWhoWaitsForTheEnd() throws Exception {
        serve(s -> s.protocol(alpha));
        try (Peer running = connect()) {
            running.send(MAGIC).read(6);
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(server::awaitClosed, THREADS);
            CompletableFuture<Void> first = stopInBackground(LONG);
            await().untilAsserted(() -> assertThat(alpha.drains()).isEqualTo(1));
            CompletableFuture<Void> second = CompletableFuture.runAsync(server::close, THREADS);
            assertThat(waiting).isNotDone();
            running.end();
            CompletableFuture.allOf(waiting, first, second).get(20, TimeUnit.SECONDS);
        }
        server.close();
        assertThat(alpha.drains()).isEqualTo(1);
    }

    @Test
    void shouldLeaveTheLoopsOfOthersRunning() throws IOException {
        serve(s -> s.protocol(alpha)).close();
        try (SluiceServer next = SluiceServer.builder()
                        .group(group)
                        .listen(Endpoint.tcp("127.0.0.1", 0))
                        .protocol(alpha)
                        .start();
                Peer peer = Peer.connect(next.endpoints().get(0))) {
            assertThat(peer.send(MAGIC).read(6)).isEqualTo("alpha:");
            peer.end().readToEnd();
        }
    }

    @Test
    void shouldCloseAllTheSameWhenAProtocolFailsToDrain() throws Exception {
        Protocol failing = new Protocol() {
            @Override
            public String name() {
                return "failing";
            }

            @Override
            public Optional<Magic> magic() {
                return Optional.empty();
            }

            @Override
            public ConnectionHandler accept(Connection connection, Handshake handshake) {
                throw new IllegalStateException("not called");
            }

            @Override
            public void drain() {
                throw new IllegalStateException("cannot drain");
            }
        };
        serve(s -> s.protocol(failing).protocol(alpha));
        server.close();
        assertThat(alpha.drains()).isEqualTo(1);
        CompletableFuture.runAsync(server::awaitClosed, THREADS).get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldRefuseToWaitOnALoop() throws Exception {
        serve(s -> s.protocol(alpha));
        EventLoop loop = group.loops().get(0);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> server.stop(Duration.ZERO), loop);
        assertThatThrownBy(() -> stopped.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop");
        try (Peer peer = connect()) {
            assertThat(peer.send(MAGIC).read(6)).isEqualTo("alpha:");
        }
    }
}
