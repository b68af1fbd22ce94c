package dev.sluice.bench.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.Wire;
import dev.sluice.nio.IdleStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EchoServersTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    static Stream<Arguments> peersOnWires() {
        return Stream.of(EchoPeer.values())
                .flatMap(peer -> Stream.of(Wire.values()).map(wire -> Arguments.of(peer, wire)));
    }

    @ParameterizedTest
    @MethodSource("peersOnWires")
    void shouldBringEveryMessageBackWhenUnderEachLoad(EchoPeer peer, Wire wire) throws IOException {
        try (MeasuredServer server = peer.start(wire.endpoint(folder.resolve("echo.sock")));
                PingPongLoad one = PingPongLoad.connect(server.endpoint());
                ManyConnectionsLoad many = new ManyConnectionsLoad(Addresses.parse(server.endpoint()), 8, 4)) {
            one.run(SHORT);
            many.run(SHORT);

            assertThat(one.echoes()).isPositive();
            assertThat(one.results(0).get(Metric.P99_MICROS)).isPositive();
            assertThat(many.echoes()).isPositive().isEven();
            assertThat(many.results(0).get(Metric.ECHOES_PER_SECOND)).isPositive();
        }
    }

    @Test
    void shouldSendAllBackAndHoldOneBufferWhenThePeerDoesNotReadForAWhile() throws Exception {
        byte[] sent = new byte[4 << 20]; // far more than the sockets hold
        new Random(1).nextBytes(sent);
        String endpoint = "tcp://127.0.0.1:0?sndbuf=65536&rcvbuf=65536";
        try (SluiceEchoServer server = new SluiceEchoServer(endpoint, IdleStrategy.block());
                SocketChannel channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 64 << 10);
            channel.connect(Addresses.parse(server.endpoint()));
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> writeAll(channel, sent));
            while (server.group().buffers().outstandingBytes() == 0 && !writer.isDone()) {
                Thread.onSpinWait(); // until the server is stuck with what nobody takes
            }

            ByteBuffer back = ByteBuffer.allocate(sent.length);
            while (back.hasRemaining()) {
                assertThat(server.group().buffers().outstandingBytes()).isLessThanOrEqualTo(16 << 10);
                assertThat(channel.read(back)).isPositive();
            }
            writer.join();
            assertThat(back.array()).isEqualTo(sent);
        }
    }

    private static void writeAll(SocketChannel channel, byte[] bytes) {
        try {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
