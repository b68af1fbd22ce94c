package dev.sluice.bench.yamux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.yamux.Yamux;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a client of Sluice's opens to its server, on one loop. Thread-safe. */
interface SluiceStreams extends AutoCloseable {
    /** Connects to a server. */
    @FunctionalInterface
    interface Connector {
        /** Returns what opens streams there, from a new connection on, as a new process in Go has it. */
        SluiceStreams connect() throws IOException;
    }

    /** Opens one more. */
    CompletionStage<Connection> open(ConnectionHandler handler);

    @Override
    void close() throws IOException;

    /** Streams of one session. */
    static SluiceStreams ofSession(String endpoint, Window window, IdleStrategy idle) throws IOException {
        EventLoopGroup group = EventLoopGroup.builder().loops(1).idle(idle).build();
        CompletableFuture<Yamux> begun = new CompletableFuture<>();
        ConnectionHandler start =
                new SessionStart(below -> begun.complete(Yamux.client(below, window.config(true), stream -> {
                    throw new IllegalStateException(stream + ": only the client opens streams");
                })));
        try {
            Waiting.await(
                    group.connect(Endpoint.parse(endpoint), start, Waiting.LIMIT)
                            .toCompletableFuture(),
                    Waiting.LIMIT);
        } catch (IOException | RuntimeException e) {
            group.close();
            throw e;
        }
        return new SessionStreams(group, begun.join()); // the handler is attached before the connection is there
    }

    /** No streams at all, but a connection for each. */
    static SluiceStreams ofConnections(String endpoint, IdleStrategy idle) throws IOException {
        return new SeparateConnections(
                EventLoopGroup.builder().loops(1).idle(idle).build(), Endpoint.parse(endpoint));
    }

    /** See {@link #ofSession}. */
    record SessionStreams(EventLoopGroup group, Yamux session) implements SluiceStreams {
        /** For what is under way. */
        private static final Duration GRACE = Duration.ofSeconds(20);

        @Override
        public CompletionStage<Connection> open(ConnectionHandler handler) {
            return session.openStream(handler);
        }

        @Override
        public void close() throws IOException {
            try {
                session.close();
                Waiting.await(session.ended().toCompletableFuture(), GRACE);
            } finally {
                group.close();
            }
        }
    }

    /** See {@link #ofConnections}. */
    record SeparateConnections(EventLoopGroup group, Endpoint endpoint) implements SluiceStreams {
        @Override
        public CompletionStage<Connection> open(ConnectionHandler handler) {
            return group.connect(endpoint, handler, Waiting.LIMIT);
        }

        @Override
        public void close() {
            group.close();
        }
    }
}
