package dev.sluice.bench.yamux;

import dev.sluice.bench.echo.EchoHandler;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/** Reads a stream's first line and makes what it asks for the handler. One instance for each stream. Loop-confined. */
final class LoopScenario implements ConnectionHandler {
    private static final int READ_BYTES = 64 << 10;

    private final ByteBuffer line = ByteBuffer.allocate(Scenario.LINE_BYTES);

    @Override
    public void onReadable(Connection connection) throws TransportException {
        if (connection.read(line) < 0) {
            connection.close();
        } else if (!line.hasRemaining()) {
            connection.handler(
                    switch (Scenario.of(line.flip())) {
                        case SINK -> new Sink();
                        case ECHO -> new EchoHandler();
                    });
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // Nothing is held.
    }

    /** Counts what comes. */
    private static final class Sink implements ConnectionHandler {
        private long count;

        @Override
        public void onReadable(Connection connection) throws TransportException {
            PooledBuffer piece = connection.loop().buffers().acquireUpTo(READ_BYTES);
            try {
                int n = connection.read(piece.buffer());
                if (n < 0) {
                    connection.write(Scenario.count(count)); // nothing was written before: there is room
                    connection.close();
                } else {
                    count += n;
                }
            } finally {
                piece.release();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Nothing is held.
        }
    }
}
