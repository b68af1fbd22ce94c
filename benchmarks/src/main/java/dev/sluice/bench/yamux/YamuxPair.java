package dev.sluice.bench.yamux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** Two sessions of Sluice that are each other's peer, on one loop, and a stream from one to the other. For one calling thread. */
public final class YamuxPair implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int READ_BYTES = 64 << 10;

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final Receiver receiver = new Receiver();
    private final Sender sender;
    private final Yamux client;

    /** Connects. */
    public YamuxPair(String endpoint, int writeBytes) throws IOException {
        sender = new Sender(writeBytes);
        CompletableFuture<Yamux> begun = new CompletableFuture<>();
        try (Listener listener = group.listen(
                Endpoint.parse(endpoint),
                connection ->
                        new SessionStart(below -> Yamux.server(below, YamuxConfig.defaults(), stream -> receiver)))) {
            ConnectionHandler start = new SessionStart(
                    below -> begun.complete(Yamux.client(below, YamuxConfig.defaults(), stream -> receiver)));
            group.connect(listener.endpoint(), start, LIMIT)
                    .toCompletableFuture()
                    .join();
        }
        client = begun.join();
        client.openStream(sender).toCompletableFuture().join();
    }

    /** Returns the loop that does all the work. */
    public EventLoop loop() {
        return group.loops().get(0);
    }

    /** Returns how many frames the side that sends the bytes has sent and received. */
    public long frames() {
        return client.stats()
                .thenApply(stats -> stats.framesIn() + stats.framesOut())
                .toCompletableFuture()
                .join();
    }

    /**
     * Makes transfers, each of which begins when the other side has read all of the one before, and waits for the last one's end. The loop
     * needs nobody meanwhile.
     *
     * @param writes of each transfer, one behind the other
     */
    public void transfer(int transfers, int writes) throws InterruptedException {
        loop().execute(() -> {
            receiver.transfersLeft = transfers;
            receiver.transferBytes = (long) writes * sender.payload.capacity();
            receiver.begin();
        });
        receiver.finished.acquire();
        if (receiver.failure != null) {
            throw new IllegalStateException("the stream failed", receiver.failure);
        }
    }

    @Override
    public void close() {
        group.close();
    }

    /** Writes one transfer. */
    private final class Sender implements ConnectionHandler {
        final ByteBuffer payload;
        private Connection stream;
        private long left;

        Sender(int writeBytes) {
            payload = ByteBuffer.allocateDirect(writeBytes);
        }

        @Override
        public void onAttached(Connection connection) {
            stream = connection;
        }

        void send(long bytes) {
            left = bytes;
            try {
                onWritable(stream);
            } catch (TransportException e) {
                receiver.fail(e);
            }
        }

        @Override
        public void onWritable(Connection connection) throws TransportException {
            while (left > 0) {
                left -= connection.write(payload);
                if (payload.hasRemaining()) {
                    return;
                }
                payload.clear();
            }
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("the other side sends nothing");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            receiver.fail(cause);
        }
    }

    /** Reads all transfers. */
    private final class Receiver implements ConnectionHandler {
        final Semaphore finished = new Semaphore(0);
        /** Read by the caller when it was told that all is finished. */
        TransportException failure;

        int transfersLeft;
        long transferBytes;
        private long left;
        private final ByteBuffer piece = ByteBuffer.allocateDirect(READ_BYTES);

        void begin() {
            left = transferBytes;
            sender.send(transferBytes);
        }

        @Override
        public void onReadable(Connection connection) throws TransportException {
            left -= Math.max(0, connection.read(piece.clear()));
            if (left == 0 && --transfersLeft > 0) {
                begin();
            } else if (left == 0) {
                finished.release();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            fail(cause);
        }

        void fail(TransportException cause) {
            failure = cause;
            finished.release();
        }
    }
}
