package dev.sluice.grpc.internal.sidechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.Demux;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;

/** Two ends of a session, in memory: of a server, and of a client whose streams go to a registry or to a script. */
abstract class SessionFixture {
    static final Duration LIMIT = Duration.ofSeconds(20);

    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(2)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    final ExecutorService threads = Executors.newCachedThreadPool();
    final CompletableFuture<Yamux> serverSession = new CompletableFuture<>();
    final CompletableFuture<Yamux> clientSession = new CompletableFuture<>();
    /** Streams for a script, in the order in which they came. */
    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    /** Of scripts, which need not close them. */
    private final Queue<ByteStream> scripted = new ConcurrentLinkedQueue<>();

    private Listener listener;

    /** Begins a session whose client's streams go to {@code sidechannels}. */
    final Yamux server(Protocol sidechannels) throws Exception {
        return server(new Demux("test", List.of(sidechannels), LIMIT));
    }

    /** Begins a session whose client's streams go to {@link #accepted()}. */
    final Yamux serverOfScript() throws Exception {
        return server(stream -> new Held(accepted::add));
    }

    private Yamux server(Acceptor client) throws Exception {
        listener = group.listen(
                Endpoint.memory("sidechannel-test"),
                c -> new Starter(below -> serverSession.complete(Yamux.server(below, YamuxConfig.defaults(), s -> {
                    throw new IllegalStateException("clients open nothing here");
                }))));
        group.connect(
                listener.endpoint(),
                new Starter(below -> clientSession.complete(Yamux.client(below, YamuxConfig.defaults(), client))),
                LIMIT);
        return serverSession.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Returns the client's end of the next stream. */
    final ByteStream accepted() throws Exception {
        Connection next = accepted.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).as("a stream that the server opened").isNotNull();
        return scripted(next);
    }

    /** Opens a stream as a server of another make would. */
    final ByteStream open(Yamux session) throws Exception {
        CompletableFuture<Connection> opened = new CompletableFuture<>();
        session.openStream(new Held(opened::complete));
        return scripted(opened.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }

    private ByteStream scripted(Connection stream) throws TransportException {
        ByteStream view = stream.blocking();
        scripted.add(view);
        return view;
    }

    final <T> Future<T> begin(Callable<T> task) {
        return threads.submit(task);
    }

    static <T> T result(Future<T> future) throws Exception {
        return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    static void writeHex(ByteStream stream, String hex) throws IOException {
        stream.outputStream().write(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    static String readHex(ByteStream stream, int count) throws IOException {
        return HexFormat.of().formatHex(stream.inputStream().readNBytes(count));
    }

    @AfterEach
    void shouldLeaveNothingBehind() throws Exception {
        if (listener != null) {
            listener.close();
        }
        scripted.forEach(ByteStream::abort);
        group.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("threads that have ended")
                .isTrue();
        await().untilAsserted(() -> assertThat(group.buffers().outstanding())
                .as("buffers never released")
                .isEmpty());
    }

    /** Becomes a session as soon as it is attached. */
    private record Starter(Consumer<Connection> start) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            start.accept(connection);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("the session is the handler");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            throw new IllegalStateException("the session is the handler", cause);
        }
    }

    /** Leaves everything to a thread. */
    private record Held(Consumer<Connection> owner) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
            owner.accept(connection);
        }

        @Override
        public void onReadable(Connection connection) {
            // The thread reads.
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The thread is told.
        }
    }
}
