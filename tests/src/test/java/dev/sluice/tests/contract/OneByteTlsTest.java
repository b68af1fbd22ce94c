package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS over a connection that takes and gives one byte at a time: every record, and every flight of a handshake, is cut everywhere. */
class OneByteTlsTest {
    private static final int BYTES = 40_000;

    private final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(1).buffers(buffers).build();

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of("JDK", server("SunJSSE"), client("SunJSSE")),
                Arguments.of("BouncyCastle", server("BCJSSE"), client("BCJSSE")),
                Arguments.of("Conscrypt", server("Conscrypt"), client("Conscrypt")),
                Arguments.of(
                        "TLS 1.2",
                        Tls12.server(TlsConnectionContract.identity()),
                        Tls12.client(TlsConnectionContract.identity())));
    }

    private static Tls server(String provider) {
        return Tls.serverBuilder(Identities.of(TlsConnectionContract.identity()))
                .provider(provider)
                .build();
    }

    private static Tls client(String provider) {
        return TlsConnectionContract.clientBuilder().provider(provider).build();
    }

    private void connect(Tls server, Tls client, Recorder connected, Recorder accepted) throws Exception {
        Endpoint address = Endpoint.memory("one-byte");
        try (Listener listener = group.listen(address.with(Between.oneByteBelow(server)), c -> accepted)) {
            Waiting.result(group.connect(
                    listener.endpoint().below().with(Between.oneByteBelow(client)), connected, Duration.ofSeconds(20)));
            accepted.awaitAttached();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void shouldCarryBytesBothWaysWhenEachByteComesAlone(String name, Tls server, Tls client) throws Exception {
        Recorder connected = new Recorder();
        Recorder accepted = new Recorder();
        connect(server, client, connected, accepted);
        Side here = new Side(connected.awaitAttached(), connected);
        Side there = new Side(accepted.awaitAttached(), accepted);
        Payload payload = new Payload(1, BYTES);
        here.sendAll(payload);
        accepted.awaitReceived(BYTES);
        there.sendAll(payload);
        connected.awaitReceived(BYTES);
        assertThat(accepted.receivedHead()).isEqualTo(payload.bytes());
        assertThat(connected.receivedHead()).isEqualTo(payload.bytes());
        Waiting.until("nothing held while idle", () -> buffers.outstandingBytes() == 0);
        here.run(c -> c.close());
        accepted.awaitEnd();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void shouldCarryBytesByBlockingCallsWhenEachByteComesAlone(String name, Tls server, Tls client) throws Exception {
        Recorder connected = new Recorder();
        Recorder accepted = new Recorder();
        connect(server, client, connected, accepted);
        Payload payload = new Payload(2, BYTES);
        Side here = new Side(connected.awaitAttached(), connected);
        Side there = new Side(accepted.awaitAttached(), accepted);
        ByteStream out = here.blocking();
        try (ByteStream in = there.blocking()) {
            out.write(ByteBuffer.wrap(payload.bytes()));
            assertThat(in.inputStream().readNBytes(BYTES)).isEqualTo(payload.bytes());
            in.write(ByteBuffer.wrap(payload.bytes()));
            assertThat(out.inputStream().readNBytes(BYTES)).isEqualTo(payload.bytes());
            out.close();
            assertThat(in.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        }
    }

    @AfterEach
    void shouldLeaveNothingLent() {
        group.close();
        assertThat(buffers.outstanding()).isEmpty();
    }
}
