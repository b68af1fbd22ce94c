package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which protocol gets a connection, and with which bytes (docs/protocols.md, section 1). */
class DemuxTest {
    private static final String ALPHA = "test mux   ";
    private static final String BETA = "test muxing";
    private static final String LONG = "0123456789".repeat(10_000);

    @Nested
    class WithFallback extends ServerFixture {
        @BeforeEach
        void start() throws IOException {
            serve(s -> s.protocol(EchoProtocol.of("alpha", ALPHA))
                    .protocol(EchoProtocol.of("beta", BETA))
                    .protocol(EchoProtocol.fallback("other")));
        }

        @ParameterizedTest
        @CsvSource(
                ignoreLeadingAndTrailingWhitespace = false,
                value = {
                    "test mux   ,alpha:",
                    "test mux   x,alpha:x",
                    "test muxing,beta:",
                    "test muxing0,beta:0",
                    "test mux  X,other:test mux  X",
                    "test muxinG,other:test muxinG",
                    "TEST MUX   ,other:TEST MUX   ",
                    "Test mux   ,other:Test mux   ",
                    "X,other:X",
                    "testX,other:testX",
                    " test mux   ,other: test mux   ",
                    "PRI * HTTP/2.0,other:PRI * HTTP/2.0"
                })
        void shouldChooseByTheFirstBytes(String sent, String answer) throws IOException {
            try (Peer peer = connect()) {
                assertThat(peer.send(sent).end().readToEnd()).isEqualTo(answer);
            }
        }

        @Test
        void shouldDecideAsSoonAsNoMagicCanComeAnyMore() throws IOException {
            try (Peer first = connect();
                    Peer fifth = connect()) {
                assertThat(first.send("X").read(7)).isEqualTo("other:X");
                assertThat(fifth.send("test!").read(11)).isEqualTo("other:test!");
            }
        }

        @Test
        void shouldWaitForTheEleventhByteWhenTenBeginAMagic() throws IOException {
            try (Peer peer = connect()) {
                peer.send("test mux  ");
                settle();
                assertThat(server.stats().byProtocol()).containsEntry("alpha", 0L);
                assertThat(peer.send(" ").read(6)).isEqualTo("alpha:");
                assertThat(server.stats().byProtocol()).containsEntry("alpha", 1L);
            }
        }

        @Test
        void shouldHoldNoBufferWhileItWaits() throws IOException {
            try (Peer peer = connect()) {
                peer.send("test mux  ");
                settle();
                assertThat(group.buffers().outstandingBytes()).isZero();
            }
        }

        @ParameterizedTest
        @CsvSource(
                ignoreLeadingAndTrailingWhitespace = false,
                value = {"test mux   tail,alpha:tail", "test muxinX,other:test muxinX", "test muxing,beta:"})
        void shouldChooseTheSameWhenBytesComeOneByOne(String sent, String answer) throws IOException {
            try (Peer peer = connect()) {
                for (byte b : sent.getBytes(StandardCharsets.US_ASCII)) {
                    peer.send(new byte[] {b});
                    settle();
                }
                assertThat(peer.end().readToEnd()).isEqualTo(answer);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "t", "test mux  ", "test muxin"})
        void shouldGiveTheFallbackWhatCameWhenAClientEndsEarly(String sent) throws IOException {
            try (Peer peer = connect()) {
                assertThat(peer.send(sent).end().readToEnd()).isEqualTo("other:" + sent);
            }
        }

        @Test
        void shouldGiveTheFallbackWhatCameWhenTheEndComesLater() throws IOException {
            try (Peer peer = connect()) {
                peer.send("test mux  ");
                settle();
                assertThat(peer.end().readToEnd()).isEqualTo("other:test mux  ");
            }
        }

        @Test
        void shouldLoseNoByteBehindTheMagic() throws Exception {
            assertThat(echoOf(ALPHA + LONG)).isEqualTo("alpha:" + LONG);
        }

        @Test
        void shouldLoseNoByteWithoutMagic() throws Exception {
            assertThat(echoOf(LONG)).isEqualTo("other:" + LONG);
        }

        private String echoOf(String sent) throws Exception {
            try (Peer peer = connect()) {
                Thread sender = new Thread(() -> {
                    try {
                        peer.send(sent).end();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                sender.start();
                String echo = peer.readToEnd();
                sender.join();
                return echo;
            }
        }

        @Test
        void shouldCountWhoGotWhat() throws IOException {
            for (String sent : new String[] {ALPHA, ALPHA, BETA, "x", "y", "z"}) {
                try (Peer peer = connect()) {
                    peer.send(sent).end().readToEnd();
                }
            }
            ServerStats stats = server.stats();
            assertThat(stats.byProtocol())
                    .containsEntry("alpha", 2L)
                    .containsEntry("beta", 1L)
                    .containsEntry("other", 3L);
            assertThat(stats.accepted()).isEqualTo(6);
            assertThat(stats.unmatched() + stats.silent() + stats.refused() + stats.handshakeFailures())
                    .isZero();
        }
    }

    @Nested
    class WithoutFallback extends ServerFixture {
        @BeforeEach
        void start() throws IOException {
            serve(s -> s.protocol(EchoProtocol.of("alpha", ALPHA)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"X", "test mux  X", "TEST MUX   ", "GET / HTTP/1.1\r\n\r\n"})
        void shouldCloseWhoSpeaksNothingItKnows(String sent) throws IOException {
            try (Peer peer = connect()) {
                assertThat(peer.send(sent).isCutWithoutAWord()).isTrue();
            }
            assertThat(server.stats().unmatched()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "t", "test mux  "})
        void shouldCloseWhoEndsBeforeSayingEnough(String sent) throws IOException {
            try (Peer peer = connect()) {
                assertThat(peer.send(sent).end().isCutWithoutAWord()).isTrue();
            }
            assertThat(server.stats().silent()).isEqualTo(1);
            assertThat(server.stats().unmatched()).isZero();
        }
    }
}
