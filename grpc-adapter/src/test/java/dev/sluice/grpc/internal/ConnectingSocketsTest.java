package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that come late, or not at all. */
class ConnectingSocketsTest {
    private static final Endpoint ADDRESS = Endpoint.memory("connecting-sockets");

    private final AtomicLong clock = new AtomicLong();
    private final EventLoopGroup group = EventLoopGroup.builder()
            .loops(1)
            .nanoClock(clock::get)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    private final SlowLayer layer = new SlowLayer();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    @AfterEach
    void close() {
        group.close();
    }

    /** Keeps a connection in its handshake until the test lets it through. */
    private static final class SlowLayer implements ConnectionLayer {
        private final CompletableFuture<Runnable> through = new CompletableFuture<>();

        @Override
        public String scheme() {
            return "slow";
        }

        @Override
        public void requireAccepting(Endpoint endpoint) {
            throw new UnsupportedOperationException("for clients");
        }

        @Override
        public ConnectionHandler accepting(Acceptor acceptor) {
            throw new UnsupportedOperationException("for clients");
        }

        @Override
        public ConnectionHandler connecting(
                Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
            return new Idle() {
                @Override
                public void onAttached(Connection connection) {
                    through.complete(() -> connection.loop().execute(() -> {
                        connection.handler(handler);
                        result.complete(connection);
                    }));
                }

                @Override
                public void onClosed(Connection connection, TransportException cause) {
                    result.completeExceptionally(cause);
                }
            };
        }
    }

    private static class Idle implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Told by whoever asks the connection.
        }
    }

    private Thread connecting(Endpoint endpoint) {
        Thread thread = new Thread(() -> {
            try {
                new ConnectingSockets(endpoint, group).createSocket();
                failure.complete(new AssertionError("it has connected"));
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    void shouldCloseAConnectionThatComesAfterAnInterrupt() throws Exception {
        CompletableFuture<Connection> accepted = new CompletableFuture<>();
        CompletableFuture<TransportException> closed = new CompletableFuture<>();
        Acceptor acceptor = connection -> {
            accepted.complete(connection);
            connection.whenClosed(closed::complete);
            return new Idle() {
                @Override
                public void onReadable(Connection c) throws IOException {
                    if (c.read(java.nio.ByteBuffer.allocate(1)) < 0) {
                        c.close();
                    }
                }
            };
        };
        try (Listener listener = group.listen(ADDRESS, acceptor)) {
            Thread thread = connecting(listener.endpoint().with(layer));
            Runnable through = layer.through.get(10, TimeUnit.SECONDS);
            thread.interrupt();
            assertThat(failure.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("interrupted while connecting to slow+memory:connecting-sockets");
            assertThat(closed).isNotDone();
            through.run();
            assertThat(closed.get(10, TimeUnit.SECONDS).reason()).isEqualTo(Reason.CLOSED);
        }
    }

    @Test
    void shouldGiveUpAtTheEndpointsTimeout() throws Exception {
        try (Listener listener = group.listen(ADDRESS, connection -> new Idle())) {
            connecting(listener.endpoint().with(layer).withOption("connecttimeout", "60000"));
            layer.through.get(10, TimeUnit.SECONDS);
            pass(Duration.ofSeconds(59));
            assertThat(failure).isNotDone();
            pass(Duration.ofSeconds(2));
            assertThat(failure.get(10, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
                    .hasMessageContaining("slow+memory:connecting-sockets");
        }
    }

    @Test
    void shouldSayWhereNobodyListens() {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> new ConnectingSockets(ADDRESS, group).createSocket())
                .withMessageContaining("connect to memory:connecting-sockets")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
    }

    @Test
    void shouldRefuseAConnectTimeoutThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConnectingSockets(ADDRESS.withOption("connecttimeout", "0"), group))
                .withMessageContaining("'connecttimeout' takes a number of milliseconds");
    }

    /** Moves the time, and wakes the loop up to look at it. */
    private void pass(Duration time) throws Exception {
        clock.addAndGet(time.toNanos());
        CompletableFuture<Void> turned = new CompletableFuture<>();
        group.next().execute(() -> group.next().execute(() -> turned.complete(null)));
        turned.get(10, TimeUnit.SECONDS);
    }
}
