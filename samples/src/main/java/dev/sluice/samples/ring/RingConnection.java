package dev.sluice.samples.ring;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.spi.AbstractConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One end of two rings. What all connections have in common, such as states and failures, is {@link AbstractConnection}'s part. */
final class RingConnection extends AbstractConnection {
    private final Ring in;
    private final Ring out;
    private boolean readWanted;

    RingConnection(EventLoop loop, Endpoint endpoint, Ring in, Ring out) {
        super(loop, endpoint, endpoint);
        this.in = in;
        this.out = out;
    }

    /** Begins the server's end, on its loop. What the acceptor throws closes it. */
    void accept(Acceptor acceptor) {
        try {
            open(acceptor.onAccepted(this));
        } catch (Throwable t) {
            failed("accepting it", t);
        }
    }

    @Override
    protected int readSome(ByteBuffer dst) {
        return in.read(dst);
    }

    @Override
    protected int writeSome(ByteBuffer src) throws IOException {
        return out.write(src);
    }

    @Override
    protected long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += out.write(srcs[i]);
            if (srcs[i].hasRemaining()) {
                break; // there may be room again by now, but not for the next one first
            }
        }
        return total;
    }

    @Override
    protected void endOutput() {
        out.end(false);
    }

    @Override
    protected void release(boolean abortive) {
        out.end(abortive);
        in.closeReader();
    }

    @Override
    protected void readInterest(boolean wanted) {
        readWanted = wanted;
    }

    @Override
    protected void writeInterest() {
        out.awaitRoom();
    }

    @Override
    protected boolean hasBufferedInput() {
        return in.hasInput();
    }

    // The peer tells from its own loop; handlers are told on the loop of this end. If that has ended, so has this end.

    void tellReadable() {
        loop().post(() -> {
            if (readWanted) {
                readable();
            }
        });
    }

    void tellWritable() {
        loop().post(this::writable);
    }

    void tellReset() {
        loop().post(() -> failed("read", new IOException("Connection reset: the peer has cut it")));
    }
}
