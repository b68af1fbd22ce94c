package dev.sluice.bench.tls;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.IdleStrategy;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.Tls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Two TLS connections of Sluice that are each other's peer, on one loop, over a pipe in memory. */
public final class TlsPair implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final EventLoopGroup group = EventLoopGroup.builder()
            .loops(1)
            .name("tls-pair")
            .idle(IdleStrategy.busySpin())
            .build();
    private final Connection client;
    private final Connection server;

    /** Makes the connections and has them shake hands. */
    public TlsPair(Tls clients, Tls servers, String name) throws IOException {
        CompletableFuture<Connection> accepted = new CompletableFuture<>();
        Endpoint endpoint = Endpoint.memory(name);
        try (Listener listener = group.listen(endpoint.with(servers), connection -> {
            accepted.complete(connection);
            return new Paused();
        })) {
            client = group.connect(listener.endpoint().below().with(clients), new Paused(), LIMIT)
                    .toCompletableFuture()
                    .join();
            server = accepted.join();
        }
    }

    /** Returns the loop on which {@link #transfer} is to be called. */
    public EventLoop loop() {
        return group.loops().get(0);
    }

    /** Sends all of {@code src} and receives it into {@code dst}. On the loop. */
    public void transfer(ByteBuffer src, ByteBuffer dst) throws TransportException {
        int end = dst.position() + src.remaining();
        while (dst.position() < end) {
            if (src.hasRemaining()) {
                client.write(src);
            }
            server.read(dst);
        }
    }

    @Override
    public void close() {
        group.close();
    }

    /** Leaves reading to {@link #transfer}. */
    private static final class Paused implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The group is closed.
        }
    }
}
