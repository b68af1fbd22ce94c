package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One deadline from accept to the end of the handshake, whatever the client does with the time. */
class HandshakeDeadlineTest extends ServerFixture {
    private static final Duration ALMOST = HANDSHAKE_TIMEOUT.minusMillis(1);
    private static final Duration REST = Duration.ofMillis(1);

    private final AtomicReference<Handshake> handshake = new AtomicReference<>();

    @BeforeEach
    void start() throws IOException {
        EchoProtocol stalled = EchoProtocol.neverThrough("stalled", "test stall ");
        serve(s -> s.protocol(EchoProtocol.of("alpha", "test mux   "))
                .protocol(new ScriptedProtocol("stalled", "test stall ", (connection, given) -> {
                    handshake.set(given);
                    return stalled.accept(connection, given);
                }))
                .protocol(EchoProtocol.fallback("other")));
    }

    /** Lets a client in and makes sure that its time runs. */
    private Peer connectNow() throws IOException {
        Peer peer = connect();
        settle();
        return peer;
    }

    @Test
    void shouldCloseASilentClient() throws IOException {
        try (Peer peer = connectNow()) {
            pass(HANDSHAKE_TIMEOUT);
            assertThat(peer.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().detectTimeouts()).isEqualTo(1);
        assertThat(server.stats().handshakeTimeouts()).isZero();
        assertThat(server.stats().silent()).isZero();
    }

    @Test
    void shouldKeepAClientUntilTheLastMoment() throws IOException {
        try (Peer peer = connectNow()) {
            pass(ALMOST);
            assertThat(peer.send("test mux   !").read(7)).isEqualTo("alpha:!");
        }
        assertThat(server.stats().detectTimeouts()).isZero();
    }

    @Test
    void shouldGiveNoMoreTimeForSingleBytes() throws IOException {
        try (Peer peer = connectNow()) {
            for (String piece : List.of("t", "e", "s", "t")) {
                peer.send(piece);
                settle();
                pass(HANDSHAKE_TIMEOUT.dividedBy(4));
            }
            assertThat(peer.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().detectTimeouts()).isEqualTo(1);
    }

    @Test
    void shouldNotBeginAnewWhenTheProtocolIsFound() throws IOException {
        try (Peer peer = connectNow()) {
            pass(ALMOST);
            assertThat(peer.send("test stall ").read(8)).isEqualTo("stalled:");
            pass(REST);
            assertThat(peer.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().handshakeTimeouts()).isEqualTo(1);
        assertThat(server.stats().detectTimeouts()).isZero();
    }

    @Test
    void shouldCloseAClientThatTricklesThroughTheHandshake() throws IOException {
        try (Peer peer = connectNow()) {
            assertThat(peer.send("test stall ").read(8)).isEqualTo("stalled:");
            for (int i = 0; i < 4; i++) {
                assertThat(peer.send("x").read(1)).isEqualTo("x");
                pass(HANDSHAKE_TIMEOUT.dividedBy(4));
            }
            assertThat(peer.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().handshakeTimeouts()).isEqualTo(1);
    }

    @Test
    void shouldTellTheProtocolWhenTheTimeIsOver() throws IOException {
        try (Peer peer = connectNow()) {
            long end = clock.getAsLong() + HANDSHAKE_TIMEOUT.toNanos();
            pass(ALMOST);
            peer.send("test stall ").read(8);
            assertThat(handshake.get().deadlineNanos()).isEqualTo(end);
        }
    }

    @Test
    void shouldLeaveTheConnectionAloneWhenTheHandshakeIsThrough() throws IOException {
        try (Peer peer = connectNow()) {
            peer.send("test stall ").read(8);
            handshake.get().complete();
            handshake.get().complete();
            handshake.get().failed();
            pass(HANDSHAKE_TIMEOUT.multipliedBy(10));
            settle();
            assertThat(peer.send("still here").read(10)).isEqualTo("still here");
        }
        assertThat(server.stats().handshakeTimeouts()).isZero();
        assertThat(server.stats().handshakeFailures()).isZero();
    }

    @Test
    void shouldCloseAClientThatWasRefusedAndStays() throws IOException {
        try (Peer peer = connectNow()) {
            peer.send("test stall ").read(8);
            handshake.get().failed();
            handshake.get().failed();
            pass(HANDSHAKE_TIMEOUT);
            assertThat(peer.isCutWithoutAWord()).isTrue();
        }
        assertThat(server.stats().handshakeFailures()).isEqualTo(1);
        assertThat(server.stats().handshakeTimeouts()).isZero();
    }

    @Test
    void shouldHoldNoBufferForSilentClients() throws IOException {
        List<Peer> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                silent.add(connect().send(i % 2 == 0 ? "" : "test"));
            }
            settle();
            assertThat(server.stats().open()).isGreaterThanOrEqualTo(100);
            assertThat(group.buffers().outstandingBytes()).isZero();
            pass(HANDSHAKE_TIMEOUT);
            for (Peer peer : silent) {
                assertThat(peer.isCutWithoutAWord()).isTrue();
            }
            assertThat(server.stats().detectTimeouts()).isEqualTo(100);
        } finally {
            for (Peer peer : silent) {
                peer.close();
            }
        }
    }

    @Test
    void shouldForgetTheDeadlineOfAClientThatIsGone() throws IOException {
        try (Peer peer = connectNow()) {
            peer.vanish();
        }
        await().untilAsserted(() -> assertThat(server.stats().open()).isZero());
        pass(HANDSHAKE_TIMEOUT);
        settle();
        assertThat(server.stats().silent()).isEqualTo(1);
        assertThat(server.stats().detectTimeouts()).isZero();
    }
}
