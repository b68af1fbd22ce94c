package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server refuses to be built from. */
class ProtocolsOfAServerTest {
    static Stream<Arguments> clashes() {
        return Stream.of(
                Arguments.of("magic 'test mux   '", EchoProtocol.of("one", "test mux   "), "two", "test mux   "),
                Arguments.of("name 'one'", EchoProtocol.of("one", "test mux   "), "one", "test muxing"),
                Arguments.of("place for clients without magic", EchoProtocol.fallback("one"), "two", null));
    }

    @ParameterizedTest
    @MethodSource("clashes")
    void shouldRefuseProtocolsThatClash(String claimed, Protocol first, String name, String magic) {
        Protocol second = magic == null ? EchoProtocol.fallback(name) : EchoProtocol.of(name, magic);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().protocol(first).protocol(second).start())
                .withMessageContaining(claimed)
                .withMessageContaining("two protocols");
    }

    @Test
    void shouldRefuseToServeNothingOrNowhere() {
        assertThatIllegalArgumentException().isThrownBy(() -> builder().start()).withMessageContaining("protocol");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SluiceServer.builder()
                        .protocol(EchoProtocol.fallback("one"))
                        .start())
                .withMessageContaining("endpoint");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void shouldRefuseLimitsThatLetNothingThrough(long value) {
        assertThatIllegalArgumentException().isThrownBy(() -> builder().handshakeTimeout(Duration.ofNanos(value)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().maxConnections((int) value));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().maxConnectionsPerPeer((int) value));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().drainLimit(Duration.ofNanos(-1)));
    }

    @Test
    void shouldLeaveNoAddressBoundWhenOneCannotBe() throws IOException {
        Endpoint free;
        try (SluiceServer server =
                builder().protocol(EchoProtocol.fallback("one")).start()) {
            free = server.endpoints().get(0);
        }
        try (ServerSocket taken = new ServerSocket(0)) {
            Assertions.assertThatThrownBy(() -> SluiceServer.builder()
                            .listen(free)
                            .listen(Endpoint.tcp("127.0.0.1", taken.getLocalPort()))
                            .protocol(EchoProtocol.fallback("one"))
                            .start())
                    .hasMessageContaining("tcp://127.0.0.1:" + taken.getLocalPort());
        }
        try (SluiceServer again = SluiceServer.builder()
                .listen(free)
                .protocol(EchoProtocol.fallback("one"))
                .start()) {
            assertThat(again.endpoints()).isEqualTo(List.of(free));
        }
    }

    private static SluiceServer.Builder builder() {
        return SluiceServer.builder().listen(Endpoint.tcp("127.0.0.1", 0));
    }
}
