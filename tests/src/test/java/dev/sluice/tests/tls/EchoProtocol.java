package dev.sluice.tests.tls;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** Echoes what comes until the client ends, on the loop or on a thread, and remembers each connection. Thread-safe. */
final class EchoProtocol implements Protocol {
    /** Who echoes. */
    enum Mode {
        LOOP,
        BLOCKING
    }

    /**
     * One connection.
     *
     * @param tls what was agreed upon, empty in plaintext
     * @param closed the cause, once there is one
     * @param failure what the echo failed with; empty once it has ended well
     */
    record Seen(
            Optional<TlsInfo> tls,
            CompletableFuture<TransportException> closed,
            CompletableFuture<Optional<Exception>> failure) {}

    private static final int PIECE_BYTES = 64 << 10;

    private final Mode mode;
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();

    EchoProtocol(Mode mode) {
        this.mode = mode;
    }

    /** Returns the connections, the oldest first, to be taken. */
    BlockingQueue<Seen> seen() {
        return seen;
    }

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Optional<Magic> magic() {
        return Optional.empty();
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        handshake.complete();
        Seen entry = new Seen(Tls.info(connection), new CompletableFuture<>(), new CompletableFuture<>());
        connection.whenClosed(entry.closed::complete);
        seen.add(entry);
        return mode == Mode.LOOP ? new Echo(entry) : new ToThread(entry);
    }

    private static final class Echo implements ConnectionHandler {
        private final Seen entry;
        private final ByteBuffer pending =
                ByteBuffer.allocateDirect(PIECE_BYTES).limit(0);
        private boolean ended;

        Echo(Seen entry) {
            this.entry = entry;
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                return; // onWritable resumes
            }
            ended = connection.read(pending.clear()) < 0;
            pending.flip();
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                connection.write(pending);
            }
            if (pending.hasRemaining()) {
                return;
            }
            if (ended) {
                entry.failure.complete(Optional.empty());
                connection.close();
            } else {
                connection.resumeReading();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            entry.failure.complete(Optional.of(cause));
        }
    }

    private record ToThread(Seen entry) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) throws IOException {
            ByteStream stream = connection.blocking();
            Thread thread = new Thread(() -> echo(stream), "echo-" + connection.id());
            thread.setDaemon(true);
            thread.start();
        }

        private void echo(ByteStream stream) {
            try (stream) {
                ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
                while (stream.read(piece.clear()) >= 0) {
                    stream.write(piece.flip());
                }
                stream.shutdownOutput();
                entry.failure.complete(Optional.empty());
            } catch (IOException | RuntimeException e) {
                entry.failure.complete(Optional.of(e));
            }
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("the thread reads");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The thread is told by its next call.
        }
    }
}
