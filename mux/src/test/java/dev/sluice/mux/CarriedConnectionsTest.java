package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Listener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections within those of a protocol: here a client's further sockets stand for the streams of a session. */
class CarriedConnectionsTest extends ServerFixture {
    private static final String CARRIER = "test carry ";
    private static final String MAGIC = "test mux   ";

    private final CompletableFuture<Acceptor> within = new CompletableFuture<>();
    private final EchoProtocol alpha = EchoProtocol.of("alpha", MAGIC);
    private Listener inner;

    /** Gives away what takes the connections within its first one. */
    private record Carrier(EchoProtocol outer, CompletableFuture<Acceptor> within) implements Protocol {
        @Override
        public String name() {
            return outer.name();
        }

        @Override
        public Optional<Magic> magic() {
            return outer.magic();
        }

        @Override
        public boolean carriesConnections() {
            return true;
        }

        @Override
        public ConnectionHandler accept(Connection connection, Handshake handshake) {
            within.complete(handshake.within());
            return outer.accept(connection, handshake);
        }
    }

    private Carrier carrier() {
        return new Carrier(EchoProtocol.of("carrier", CARRIER), within);
    }

    /** Opens the connection that carries others. */
    private Peer carry() throws Exception {
        serve(s -> s.protocol(carrier()).protocol(alpha).protocol(EchoProtocol.fallback("other")));
        Peer peer = connect();
        assertThat(peer.send(CARRIER).read(8)).isEqualTo("carrier:");
        inner = group.listen(Endpoint.tcp("127.0.0.1", 0), within.get(20, TimeUnit.SECONDS), 100);
        return peer;
    }

    private Peer connectWithin() throws IOException {
        return Peer.connect(inner.endpoint());
    }

    @AfterEach
    void closeListener() {
        if (inner != null) {
            inner.close();
        }
    }

    @Test
    void shouldDetectWhatIsSpokenWithin() throws Exception {
        try (Peer outer = carry();
                Peer first = connectWithin();
                Peer second = connectWithin()) {
            assertThat(first.send(MAGIC + "1").read(7)).isEqualTo("alpha:1");
            assertThat(second.send("something").read(15)).isEqualTo("other:something");
            assertThat(outer.send("x").read(1)).as("the one that carries them").isEqualTo("x");
        }
    }

    @Test
    void shouldNotCarryAgainWhatIsCarried() throws Exception {
        try (Peer outer = carry();
                Peer nested = connectWithin()) {
            assertThat(nested.send(CARRIER).read(6 + CARRIER.length())).isEqualTo("other:" + CARRIER);
            assertThat(outer.send("x").read(1)).isEqualTo("x");
        }
    }

    @Test
    void shouldCountByTheNameOfTheCarrier() throws Exception {
        try (Peer outer = carry();
                Peer one = connectWithin()) {
            one.send(MAGIC + "12345").read(11);
            assertThat(server.wires()).containsOnlyKeys("carrier", "tcp");
            WireStats carried = server.wires().get("carrier");
            assertThat(carried.accepted()).isEqualTo(1);
            assertThat(carried.byProtocol().get("alpha").open()).isEqualTo(1);
            assertThat(server.wires().get("tcp").accepted()).isEqualTo(1);
            assertThat(server.stats().byProtocol()).containsEntry("carrier", 1L).containsEntry("alpha", 1L);
            assertThat(outer.send("x").read(1)).isEqualTo("x");
        }
    }

    @Test
    void shouldCloseAtTheDeadlineWhatIsSilentWithin() throws Exception {
        try (Peer outer = carry();
                Peer silent = connectWithin()) {
            await().until(() -> server.wires().get("carrier").accepted() == 1);
            pass(HANDSHAKE_TIMEOUT.plusMillis(1));
            assertThat(silent.isCutWithoutAWord()).isTrue();
            assertThat(server.stats().detectTimeouts()).isEqualTo(1);
            assertThat(outer.send("x").read(1)).as("the one that carried it").isEqualTo("x");
        }
    }

    @Test
    void shouldRefuseConnectionsWithinWhenStopping() throws Exception {
        try (Peer outer = carry();
                Peer running = connectWithin();
                Peer detecting = connectWithin()) {
            running.send(MAGIC).read(6);
            detecting.send("test");
            await().until(() -> server.wires().get("carrier").accepted() == 2);
            CompletableFuture<Void> stop =
                    CompletableFuture.runAsync(() -> server.stop(Duration.ofMinutes(10)), THREADS);
            assertThat(detecting.isCutWithoutAWord()).isTrue();
            connectInVain(inner.endpoint());
            assertThat(running.send("still served").read(12)).isEqualTo("still served");
            outer.end().readToEnd();
            assertThat(stop).as("waits for those within").isNotDone();
            running.end().readToEnd();
            stop.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldThrowWhenAProtocolDoesNotSayThatItCarries() throws Exception {
        CompletableFuture<Handshake> handshake = new CompletableFuture<>();
        serve(s -> s.protocol(new ScriptedProtocol("scripted", CARRIER, (connection, shaking) -> {
            handshake.complete(shaking);
            return alpha.accept(connection, shaking);
        })));
        try (Peer peer = connect()) {
            peer.send(CARRIER).read(6);
            assertThatIllegalStateException()
                    .isThrownBy(handshake.get(20, TimeUnit.SECONDS)::within)
                    .withMessageContaining("scripted");
        }
    }

    @Test
    void shouldRefuseToStartWhenThereIsNothingToSpeakWithin() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> serve(s -> s.protocol(carrier())))
                .withMessageContaining("need a protocol beside it");
    }

    @Test
    void shouldServeAndDrainWithoutAServer() throws Exception {
        Demux demux = new Demux("elsewhere", List.of(alpha), HANDSHAKE_TIMEOUT);
        inner = group.listen(Endpoint.tcp("127.0.0.1", 0), demux, 100);
        try (Peer running = connectWithin();
                Peer detecting = connectWithin()) {
            assertThat(running.send(MAGIC).read(6)).isEqualTo("alpha:");
            detecting.send("test");
            demux.drain();
            assertThat(alpha.drains()).isEqualTo(1);
            assertThat(detecting.isCutWithoutAWord()).isTrue();
            connectInVain(inner.endpoint());
            assertThat(running.send("still served").read(12)).isEqualTo("still served");
        }
    }
}
