package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest extends ServerFixture {
    private static final String MAGIC = "test mux   ";
    private static final int MANY = 1000;

    @Test
    void shouldAcceptNoMoreUntilOneEndsWhenAnAddressIsFull() throws IOException {
        serve(s -> s.listen(Endpoint.tcp("127.0.0.1", 0)).maxConnections(2).protocol(EchoProtocol.of("alpha", MAGIC)));
        Endpoint full = server.endpoints().get(1);
        try (Peer first = Peer.connect(full);
                Peer second = Peer.connect(full)) {
            first.send(MAGIC).read(6);
            second.send(MAGIC).read(6);
            try (Peer waiting = Peer.connect(full)) {
                waiting.send(MAGIC);
                settle(); // at the other address, which has room
                assertThat(server.stats().byProtocol()).containsEntry("alpha", 2L);
                assertThat(server.stats().accepted()).isEqualTo(3);
                first.end();
                assertThat(waiting.read(6)).isEqualTo("alpha:");
            }
        }
        assertThat(server.stats().refused()).isZero();
    }

    @Test
    void shouldServeAllInTurnWhenManyMoreComeThanTheLimit() throws Exception {
        serve(s -> s.maxConnections(3).protocol(EchoProtocol.of("alpha", MAGIC)));
        List<Peer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                peers.add(connect().send(MAGIC + "x").end());
            }
            for (Peer peer : peers) {
                assertThat(peer.readToEnd()).isEqualTo("alpha:x");
            }
        } finally {
            for (Peer peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void shouldRefuseAPeerThatHasTooMany() throws IOException {
        serve(s -> s.maxConnectionsPerPeer(2).protocol(EchoProtocol.of("alpha", MAGIC)));
        try (Peer first = connect();
                Peer second = connect()) {
            first.send(MAGIC).read(6);
            second.send(MAGIC).read(6);
            connectInVain();
            await().untilAsserted(() -> assertThat(server.stats().refused()).isEqualTo(1));
            assertThat(second.send("x").read(1)).isEqualTo("x");

            first.end().readToEnd();
            await().untilAsserted(() -> assertThat(server.stats().open()).isEqualTo(1));
            try (Peer again = connect()) {
                assertThat(again.send(MAGIC).read(6)).isEqualTo("alpha:");
            }
        }
        assertThat(server.stats().refused()).isEqualTo(1);
    }

    @Test
    void shouldForgetAThousandConnectionsThatVanish() throws IOException {
        serve(s -> s.maxConnectionsPerPeer(MANY)
                .maxConnections(MANY)
                .protocol(EchoProtocol.of("alpha", MAGIC))
                .protocol(EchoProtocol.neverThrough("stalled", "test stall ")));
        List<Peer> peers = new ArrayList<>();
        String[] beginnings = {"", "t", "test mux  ", MAGIC, MAGIC + "and more", "test stall ", "unknown"};
        for (int i = 0; i < MANY; i++) {
            peers.add(connect().send(beginnings[i % beginnings.length]));
        }
        for (int i = 0; i < MANY; i++) {
            if (i % 3 == 0) {
                peers.get(i).close();
            } else {
                peers.get(i).vanish();
            }
        }
        await().untilAsserted(() -> assertThat(server.stats().open()).isZero());
        assertThat(server.stats().accepted()).isEqualTo(MANY);
        assertThat(group.buffers().outstandingBytes()).isZero();
        try (Peer next = connect()) {
            assertThat(next.send(MAGIC).read(6)).isEqualTo("alpha:");
        }
        assertThat(server.stats().refused()).isZero();
    }
}
