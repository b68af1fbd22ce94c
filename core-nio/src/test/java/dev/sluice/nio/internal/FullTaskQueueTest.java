package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What connections tell loops in whose queue users have left no room. */
class FullTaskQueueTest {
    private final EventLoopGroup servers = group();
    private final EventLoopGroup clients = group();
    private final Collector server = Collector.echoing();
    private final Collector client = Collector.silent();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private Listener listener;

    private static EventLoopGroup group() {
        return EventLoopGroup.builder().loops(1).taskQueueCapacity(2048).build();
    }

    @BeforeEach
    void listen() throws TransportException {
        listener = servers.listen(Endpoint.memory("full-task-queue-test"), connection -> server);
    }

    @AfterEach
    void close() {
        blocked.countDown();
        listener.close();
        clients.close();
        servers.close();
    }

    @Test
    void shouldAcceptAConnection() throws Exception {
        fill(servers);
        connect(listener);
        client.connection();
        blocked.countDown();
        client.roundTrip();
    }

    @Test
    void shouldConnect() throws Exception {
        fill(clients);
        clients.connect(listener.endpoint(), client, Duration.ofSeconds(10));
        blocked.countDown();
        client.roundTrip();
    }

    @Test
    void shouldTellThePeerOfBytes() throws Exception {
        connect(listener);
        server.connection();
        fill(servers);
        client.send();
        blocked.countDown();
        client.awaitByte();
    }

    @Test
    void shouldTellThePeerOfAReset() throws Exception {
        connect(listener);
        client.roundTrip();
        fill(servers);
        CompletableFuture<Void> cut = new CompletableFuture<>();
        clients.next().execute(() -> {
            try {
                client.connection().abort(TransportException.closed("cut by a test"));
                cut.complete(null);
            } catch (Exception e) {
                cut.completeExceptionally(e);
            }
        });
        cut.get(10, TimeUnit.SECONDS);
        blocked.countDown();
        server.awaitClosed();
    }

    @Test
    void shouldSendWhatAThreadWrites() throws Exception {
        connect(listener);
        ByteStream stream = stream();
        fill(clients);
        stream.write(ByteBuffer.wrap(new byte[] {1}));
        blocked.countDown();
        server.awaitByte();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCloseForAThread(boolean tcp) throws Exception {
        try (Listener other = servers.listen(Endpoint.tcp("127.0.0.1", 0), connection -> server)) {
            connect(tcp ? other : listener);
            ByteStream stream = stream();
            fill(clients);
            stream.abort();
            blocked.countDown();
            server.awaitClosed();
        }
    }

    // ---------------------------------------------------------------- what these tests use

    private void connect(Listener where) {
        clients.connect(where.endpoint(), client, Duration.ofSeconds(10));
    }

    private ByteStream stream() throws Exception {
        CompletableFuture<ByteStream> stream = new CompletableFuture<>();
        EventLoop loop = client.connection().loop();
        loop.execute(() -> {
            try {
                stream.complete(client.connection().blocking());
            } catch (Exception e) {
                stream.completeExceptionally(e);
            }
        });
        return stream.get(10, TimeUnit.SECONDS);
    }

    /** Keeps the one loop from running anything until {@link #blocked} is released, and gives it all that it may be given. */
    private void fill(EventLoopGroup group) throws InterruptedException {
        EventLoop loop = group.next();
        CountDownLatch blocking = new CountDownLatch(1);
        loop.execute(() -> {
            blocking.countDown();
            try {
                blocked.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        blocking.await();
        assertThatThrownBy(() -> {
                    while (true) {
                        loop.execute(() -> {});
                    }
                })
                .isInstanceOf(RejectedExecutionException.class);
    }
}
