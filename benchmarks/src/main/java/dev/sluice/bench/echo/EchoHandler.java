package dev.sluice.bench.echo;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * Sends back what comes. A buffer is borrowed when there is something to read and goes back at once, so that an idle
 * connection holds none; only while the peer does not take its answer is it kept, and meanwhile nothing more is read.
 *
 * <p>One instance for each connection. Loop-confined.
 */
public final class EchoHandler implements ConnectionHandler {
    private static final int READ_BYTES = 16 << 10;

    /** What the peer has not taken yet; null while it owes us nothing. */
    private PooledBuffer unsent;

    @Override
    public void onReadable(Connection connection) throws TransportException {
        PooledBuffer piece = connection.loop().buffers().acquire(READ_BYTES);
        try {
            ByteBuffer bytes = piece.buffer();
            int n = connection.read(bytes);
            if (n < 0) {
                connection.close();
            } else if (n > 0) {
                connection.write(bytes.flip());
                if (bytes.hasRemaining()) {
                    unsent = piece;
                    connection.pauseReading();
                }
            }
        } finally {
            if (piece != unsent) {
                piece.release();
            }
        }
    }

    @Override
    public void onWritable(Connection connection) throws TransportException {
        connection.write(unsent.buffer());
        if (!unsent.buffer().hasRemaining()) {
            releaseUnsent();
            connection.resumeReading();
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        if (unsent != null) {
            releaseUnsent();
        }
    }

    private void releaseUnsent() {
        PooledBuffer sent = unsent;
        unsent = null;
        sent.release();
    }
}
