package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** A protocol that fails harms its own connection only. */
class FaultyProtocolTest extends ServerFixture {
    private static final String MAGIC = "test faulty";

    private void serveBeside(BiFunction<Connection, Handshake, ConnectionHandler> onAccept) throws IOException {
        serve(s ->
                s.protocol(new ScriptedProtocol("faulty", MAGIC, onAccept)).protocol(EchoProtocol.fallback("other")));
    }

    private void assertOnlyTheFaultyConnectionEnds() throws IOException {
        try (Peer bystander = connect();
                Peer victim = connect()) {
            assertThat(bystander.send("a").read(7)).isEqualTo("other:a");
            assertThat(victim.send(MAGIC + "b").isCutWithoutAWord()).isTrue();
            assertThat(bystander.send("c").read(1)).isEqualTo("c");
        }
        await().untilAsserted(() -> assertThat(server.stats().open()).isZero());
        await().untilAsserted(
                        () -> assertThat(server.stats().handshakeFailures()).isEqualTo(1));
    }

    @Test
    void shouldCloseOnlyItsConnectionWhenAcceptThrows() throws IOException {
        serveBeside((connection, handshake) -> {
            throw new IllegalStateException("accept failed");
        });
        assertOnlyTheFaultyConnectionEnds();
    }

    @Test
    void shouldCloseOnlyItsConnectionWhenAcceptReturnsNothing() throws IOException {
        serveBeside((connection, handshake) -> null);
        assertOnlyTheFaultyConnectionEnds();
    }

    @Test
    void shouldCloseOnlyItsConnectionWhenAcceptThrowsAnError() throws IOException {
        serveBeside((connection, handshake) -> {
            throw new StackOverflowError("accept failed");
        });
        assertOnlyTheFaultyConnectionEnds();
    }

    @Test
    void shouldTellTheHandlerAndCountWhenItThrowsInTheHandshake() throws IOException {
        AtomicReference<TransportException> told = new AtomicReference<>();
        serveBeside((connection, handshake) -> new Faulty(told));
        assertOnlyTheFaultyConnectionEnds();
        assertThat(told.get().reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void shouldCountAClientThatLeavesInTheHandshake() throws IOException {
        serve(s -> s.protocol(EchoProtocol.neverThrough("stalled", "test stall ")));
        try (Peer peer = connect()) {
            peer.send("test stall ").read(8);
            peer.vanish();
        }
        await().untilAsserted(() -> assertThat(server.stats().open()).isZero());
        await().untilAsserted(
                        () -> assertThat(server.stats().handshakeFailures()).isEqualTo(1));
        assertThat(server.stats().silent()).isZero();
    }

    private record Faulty(AtomicReference<TransportException> told) implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            throw new TransportException(Reason.PROTOCOL_ERROR, "not what was expected");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            told.set(cause);
        }
    }
}
