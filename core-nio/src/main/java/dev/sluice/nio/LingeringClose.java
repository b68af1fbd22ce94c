package dev.sluice.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Closes a connection so that the peer gets to read what was written last. Closing a socket with unread input makes the kernel
 * send a reset, which can overtake and destroy the last bytes; so this ends the output, then reads and drops what still comes
 * until the peer ends its direction too or a limit is reached. Loop-confined.
 */
public final class LingeringClose implements ConnectionHandler {
    private static final long MAX_DISCARDED_BYTES = 16 << 20;
    /** How long a peer has to end its direction: 1 s. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(1);

    private static final int PIECE_BYTES = 64 << 10;

    private long discardedBytes;

    private LingeringClose() {}

    /** Ends the output of {@code connection}, which must have been written in full, and closes it when the peer has. */
    public static void start(Connection connection) {
        if (connection.state() == ConnectionState.CLOSED) {
            return;
        }
        connection.handler(create());
    }

    /** Returns the handler that does it, to be attached by somebody else. */
    public static ConnectionHandler create() {
        return new LingeringClose();
    }

    @Override
    public void onAttached(Connection connection) throws IOException {
        connection.shutdownOutput();
        Timeout limit = connection.loop().schedule(MAX_WAIT, connection::close);
        connection.whenClosed(cause -> limit.cancel());
    }

    @Override
    public void onReadable(Connection connection) throws IOException {
        PooledBuffer dropped = connection.loop().buffers().acquire(PIECE_BYTES);
        try {
            ByteBuffer bytes = dropped.buffer();
            int n = connection.read(bytes);
            discardedBytes += Math.max(0, n);
            if (n < 0 || discardedBytes > MAX_DISCARDED_BYTES) {
                connection.close();
            }
        } finally {
            dropped.release();
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // Nothing is held here, and whoever cared about the connection is told by whenClosed.
    }
}
