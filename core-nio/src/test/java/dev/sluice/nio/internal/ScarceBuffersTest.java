package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams that want more memory together than there is. */
class ScarceBuffersTest {
    private static final int STREAMS = 6;
    private static final int BYTES = 2 << 20;

    private final BufferPool buffers =
            BufferPool.builder().maxOutstandingBytes(1 << 20).leakTracking(true).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).buffers(buffers).build();
    private final BlockingQueue<ByteStream> accepted = new LinkedBlockingQueue<>();

    /** Takes the blocking view as soon as there is a connection. */
    private record Viewed(BlockingQueue<ByteStream> streams) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
            connection.loop().execute(() -> {
                try {
                    streams.add(connection.blocking());
                } catch (TransportException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("reading is paused");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The stream tells.
        }
    }

    @AfterEach
    void close() {
        group.close();
        assertThat(buffers.outstanding()).isEmpty();
    }

    @Test
    void shouldGoOnInSmallPiecesInsteadOfFailing() throws Exception {
        BlockingQueue<ByteStream> connected = new LinkedBlockingQueue<>();
        List<CompletableFuture<?>> running = new ArrayList<>();
        CountDownLatch stuck = new CountDownLatch(STREAMS);
        try (Listener listener = group.listen(Endpoint.memory("scarce-buffers-test"), c -> new Viewed(accepted))) {
            for (int i = 0; i < STREAMS; i++) {
                group.connect(listener.endpoint(), new Viewed(connected), Duration.ofSeconds(10));
                ByteStream client = take(connected);
                running.add(start(() -> {
                    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
                    client.write(bytes.limit(BYTES / 2)); // more than all queues between the ends together
                    client.write(bytes.limit(BYTES));
                    client.shutdownOutput();
                }));
            }
            for (int i = 0; i < STREAMS; i++) {
                ByteStream server = take(accepted);
                running.add(start(() -> {
                    stuck.countDown();
                    stuck.await(); // all ask at a time
                    ByteBuffer bytes = ByteBuffer.allocate(BYTES + 1);
                    while (server.read(bytes) >= 0) {
                        // to the end
                    }
                    assertThat(bytes.position()).isEqualTo(BYTES);
                    server.close();
                }));
            }
            for (CompletableFuture<?> each : running) {
                each.get(20, TimeUnit.SECONDS);
            }
        }
    }

    private interface Body {
        void run() throws Exception;
    }

    private static CompletableFuture<?> start(Body body) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                body.run();
                done.complete(null);
            } catch (Throwable t) {
                done.completeExceptionally(t);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static ByteStream take(BlockingQueue<ByteStream> streams) throws InterruptedException {
        ByteStream stream = streams.poll(10, TimeUnit.SECONDS);
        assertThat(stream).isNotNull();
        return stream;
    }
}
