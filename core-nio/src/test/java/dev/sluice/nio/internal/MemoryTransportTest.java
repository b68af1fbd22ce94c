package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTransportTest {
    private final EventLoopGroup servers = EventLoopGroup.of(1);
    private final EventLoopGroup clients = EventLoopGroup.of(1);

    @AfterEach
    void close() {
        clients.close();
        servers.close();
    }

    @Test
    void shouldTellOfAResetThatCameBeforeTheConnectionWasAccepted() throws Exception {
        Collector server = Collector.silent();
        CountDownLatch mayAccept = new CountDownLatch(1);
        try (Listener listener = servers.listen(Endpoint.memory("early-reset"), connection -> server)) {
            servers.next().execute(() -> awaitQuietly(mayAccept));
            Collector client = Collector.silent();
            clients.connect(listener.endpoint(), client, Duration.ofSeconds(10));
            Connection connection = client.connection();
            TransportException why = new TransportException(Reason.CANCELLED, "cut by a test");
            CompletableFuture.runAsync(() -> connection.abort(why), clients.next())
                    .get(10, TimeUnit.SECONDS);
            mayAccept.countDown();
            assertThat(server.awaitClosed().reason()).isEqualTo(Reason.RESET);
        }
    }

    @Test
    void shouldNotLookEndedBetweenAResetAndTheNewsOfIt() throws Exception {
        Collector server = Collector.silent();
        try (Listener listener = servers.listen(Endpoint.memory("late-news"), connection -> server)) {
            Collector client = Collector.silent();
            clients.connect(listener.endpoint(), client, Duration.ofSeconds(10));
            Connection cutter = client.connection();
            Connection reader = server.connection();
            TransportException why = new TransportException(Reason.CANCELLED, "cut by a test");
            Callable<Integer> readWithinTheTurnOfTheCut = () -> {
                CompletableFuture.runAsync(() -> cutter.abort(why), clients.next())
                        .get(10, TimeUnit.SECONDS);
                return reader.read(ByteBuffer.allocate(1));
            };
            FutureTask<Integer> read = new FutureTask<>(readWithinTheTurnOfTheCut);
            servers.next().execute(read);
            assertThat(read.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(server.awaitClosed().reason()).isEqualTo(Reason.RESET);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
