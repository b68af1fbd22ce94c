package dev.sluice.tls.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The last handler of the connection below, after the one above is closed: writes what is still to be written, {@code close_notify}
 * or an alert at its end, and closes so that the peer gets to read it. What the peer still sends is dropped, for a peer that is
 * itself stuck writing would not read. Loop-confined.
 */
final class Farewell implements ConnectionHandler {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int PIECE_BYTES = 16 << 10;

    private final ByteBuffer unsent;

    Farewell(ByteBuffer unsent) {
        this.unsent = unsent;
    }

    @Override
    public void onAttached(Connection below) throws IOException {
        if (writeOn(below)) {
            return;
        }
        Timeout limit = below.loop().schedule(LIMIT, () -> below.abort(late(below)));
        below.whenClosed(cause -> limit.cancel());
    }

    private static TransportException late(Connection below) {
        return new TransportException(
                Reason.TIMEOUT,
                below + ": closed, but the peer did not read the rest within " + LIMIT.toSeconds() + " s");
    }

    @Override
    public void onWritable(Connection below) throws IOException {
        writeOn(below);
    }

    private boolean writeOn(Connection below) throws IOException {
        if (unsent.hasRemaining()) {
            below.write(unsent);
        }
        if (unsent.hasRemaining()) {
            return false;
        }
        LingeringClose.start(below);
        return true;
    }

    @Override
    public void onReadable(Connection below) throws IOException {
        PooledBuffer dropped = below.loop().buffers().acquire(PIECE_BYTES);
        try {
            below.read(dropped.buffer());
        } finally {
            dropped.release();
        }
    }

    @Override
    public void onClosed(Connection below, TransportException cause) {
        // Who cared has been told when the connection above was closed.
    }
}
