package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** A session over a connection in memory, with bytes or another session at its other end. No buffer may leak. */
abstract class SessionFixture {
    /** The client is attached to the connection as soon as there is one; the rest is the session's. */
    private record Starter(Consumer<Connection> start) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            start.accept(connection);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new AssertionError("the session is the handler");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            throw new AssertionError("the session is the handler", cause);
        }
    }

    private static final AtomicLong NAMES = new AtomicLong();

    private final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    private final EventLoopGroup group = EventLoopGroup.builder()
            .loops(1)
            .buffers(buffers)
            .idle(idle())
            .nanoClock(clock())
            .build();

    /** Handlers of the streams that peers have opened, in order. */
    final Queue<Recorder> accepted = new ConcurrentLinkedQueue<>();

    /** What suits a clock that stands still. */
    IdleStrategy idle() {
        return IdleStrategy.block();
    }

    LongSupplier clock() {
        return System::nanoTime;
    }

    BufferPool buffers() {
        return buffers;
    }

    EventLoopGroup group() {
        return group;
    }

    @AfterEach
    void close() {
        group.close();
        assertThat(buffers.outstandingBytes()).as("bytes of buffers lent").isZero();
    }

    ConnectionHandler accept(Connection stream) {
        Recorder recorder = new Recorder();
        accepted.add(recorder);
        return recorder;
    }

    Recorder awaitAccepted() {
        await().until(() -> !accepted.isEmpty());
        return accepted.remove();
    }

    /** Returns a client's session, and lets {@code peer} have the other end. */
    Yamux client(YamuxConfig config, ConnectionHandler peer) throws Exception {
        return client(config, peer, UnaryOperator.identity());
    }

    /** The same, with the connection below as {@code seen} has it. */
    Yamux client(YamuxConfig config, ConnectionHandler peer, UnaryOperator<Connection> seen) throws Exception {
        CompletableFuture<Yamux> session = new CompletableFuture<>();
        Endpoint endpoint = Endpoint.memory("session-" + NAMES.incrementAndGet());
        try (Listener listener = group.listen(endpoint, connection -> peer)) {
            result(group.connect(
                    listener.endpoint(),
                    new Starter(
                            connection -> session.complete(Yamux.client(seen.apply(connection), config, this::accept))),
                    Duration.ofSeconds(10)));
        }
        return result(session);
    }

    /** Returns a client's session whose peer is a session, too. */
    Yamux client(YamuxConfig config, YamuxConfig serverConfig) throws Exception {
        return client(config, new Starter(connection -> Yamux.server(connection, serverConfig, this::accept)));
    }

    Recorder open(Yamux session) throws Exception {
        Recorder recorder = new Recorder();
        result(session.openStream(recorder));
        return recorder;
    }

    static <T> T result(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
