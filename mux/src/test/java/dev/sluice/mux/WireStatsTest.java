package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.WireStats.Connections;
import dev.sluice.mux.WireStats.Times;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections counted by the kind of their address and by what they speak. */
class WireStatsTest extends ServerFixture {
    private static final String MAGIC = "test mux   ";

    private WireStats tcp() {
        return server.wires().get("tcp");
    }

    private Connections alpha() {
        return tcp().byProtocol().get("alpha");
    }

    private Connections undetected() {
        return tcp().byProtocol().get(WireStats.UNDETECTED);
    }

    @Test
    void shouldCountAConnectionWhereItIsInItsLife() throws IOException {
        serve(s -> s.protocol(EchoProtocol.of("alpha", MAGIC)));
        try (Peer peer = connect()) {
            await().until(() -> undetected().open() == 1);
            assertThat(tcp().accepted()).isEqualTo(1);
            peer.send(MAGIC).read(6);
            assertThat(alpha().open()).isEqualTo(1);
            assertThat(undetected().open()).isZero();
            peer.end().readToEnd();
        }
        await().until(() -> alpha().closed().get(Reason.CLOSED) == 1);
        assertThat(alpha().open()).isZero();
        assertThat(undetected().closed()).containsOnlyKeys(Reason.values()).doesNotContainValue(1L);
    }

    @Test
    void shouldCountBytesWhileAConnectionIsOpenAndAfterwards() throws IOException {
        serve(s -> s.protocol(EchoProtocol.of("alpha", MAGIC)));
        try (Peer peer = connect()) {
            assertThat(peer.send(MAGIC + "12345").read(11)).isEqualTo("alpha:12345");
            assertThat(alpha().bytesIn()).isEqualTo(16);
            await().until(() -> alpha().bytesOut() == 11);
            peer.end().readToEnd();
        }
        await().until(() -> alpha().open() == 0);
        try (Peer again = connect()) {
            again.send(MAGIC).read(6);
            assertThat(alpha().bytesIn()).isEqualTo(27);
            await().until(() -> alpha().bytesOut() == 17);
        }
    }

    @Test
    void shouldCountWhoIsRefused() throws IOException {
        serve(s -> s.maxConnectionsPerPeer(1).protocol(EchoProtocol.of("alpha", MAGIC)));
        try (Peer first = connect()) {
            first.send(MAGIC).read(6);
            connectInVain();
            await().until(() -> undetected().closed().get(Reason.LIMIT_EXCEEDED) == 1);
            assertThat(tcp().refused()).isEqualTo(1);
            assertThat(tcp().accepted()).isEqualTo(2);
        }
    }

    @Test
    void shouldTimeTheStepsThatConnectionsWereThrough() throws IOException {
        serve(s -> s.protocol(EchoProtocol.of("alpha", MAGIC))
                .protocol(EchoProtocol.neverThrough("stalled", "test stall ")));
        try (Peer peer = connect()) {
            await().until(() -> undetected().open() == 1);
            pass(Duration.ofSeconds(3));
            peer.send(MAGIC).read(6);
        }
        try (Peer stalled = connect()) {
            stalled.send("test stall ").read(8);
        }
        assertThat(tcp().handshakes())
                .containsEntry(HandshakeStep.LAYER, new Times(0, Duration.ZERO))
                .containsEntry(HandshakeStep.DETECTION, new Times(2, Duration.ofSeconds(3)))
                .containsEntry(HandshakeStep.PROTOCOL, new Times(1, Duration.ZERO));
    }

    @Test
    void shouldTellKindsOfAddressesApart() throws IOException {
        serve(s -> s.listen(Endpoint.memory("wires")).protocol(EchoProtocol.of("alpha", MAGIC)));
        try (Peer peer = connect()) {
            peer.send(MAGIC).read(6);
            assertThat(server.wires()).containsOnlyKeys("memory", "tcp");
            assertThat(server.wires().get("memory").accepted()).isZero();
        }
    }
}
