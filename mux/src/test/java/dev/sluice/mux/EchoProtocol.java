package dev.sluice.mux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Says its name and a colon, then echoes what comes until the client ends. */
final class EchoProtocol implements Protocol {
    private final String name;
    private final Optional<Magic> magic;
    private final boolean completes;
    private final AtomicInteger drains = new AtomicInteger();

    private EchoProtocol(String name, Optional<Magic> magic, boolean completes) {
        this.name = name;
        this.magic = magic;
        this.completes = completes;
    }

    static EchoProtocol of(String name, String magic) {
        return new EchoProtocol(name, Optional.of(new Magic(magic)), true);
    }

    static EchoProtocol fallback(String name) {
        return new EchoProtocol(name, Optional.empty(), true);
    }

    /** One whose handshake is never through. */
    static EchoProtocol neverThrough(String name, String magic) {
        return new EchoProtocol(name, Optional.of(new Magic(magic)), false);
    }

    int drains() {
        return drains.get();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Magic> magic() {
        return magic;
    }

    @Override
    public void drain() {
        drains.incrementAndGet();
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        if (completes) {
            handshake.complete();
        }
        return new Echo(ByteBuffer.wrap((name + ":").getBytes(StandardCharsets.US_ASCII)));
    }

    private static final class Echo implements ConnectionHandler {
        private final ByteBuffer pending = ByteBuffer.allocate(4096);
        private boolean ended;

        Echo(ByteBuffer greeting) {
            pending.put(greeting).flip();
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            onWritable(connection);
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                return; // onWritable resumes
            }
            int n = connection.read(pending.clear());
            ended = n < 0;
            pending.flip();
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                connection.write(pending);
            }
            if (!pending.hasRemaining()) {
                if (ended) {
                    connection.close();
                } else {
                    connection.resumeReading();
                }
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Holds nothing.
        }
    }
}
