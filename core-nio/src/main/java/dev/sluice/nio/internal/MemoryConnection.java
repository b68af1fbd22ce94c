package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.spi.AbstractConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** One end of a pair of {@link MemoryPipe}s. */
final class MemoryConnection extends AbstractConnection {
    private final MemoryPipe in;
    private final MemoryPipe out;
    private final AtomicBoolean readableTold = new AtomicBoolean();
    private final Runnable readableTask = this::runReadable;
    private final Runnable writableTask = this::writable;
    private boolean readWanted;

    MemoryConnection(EventLoop loop, Endpoint endpoint, MemoryPipe in, MemoryPipe out) {
        super(loop, endpoint, endpoint);
        this.in = in;
        this.out = out;
        out.attachWriter(this);
        in.attachReader(this);
    }

    /** Opens the connection. What the acceptor throws closes it. */
    void accept(Acceptor acceptor) {
        FlightEvents.accepted(this);
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
                break;
            }
        }
        return total;
    }

    @Override
    protected void endOutput() {
        out.end();
    }

    @Override
    protected void release(boolean abortive) {
        if (abortive) {
            out.reset();
        } else {
            out.end();
        }
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

    /** From the peer's loop. */
    void tellReadable() {
        if (readableTold.compareAndSet(false, true)) {
            tell(readableTask);
        }
    }

    private void runReadable() {
        readableTold.set(false);
        if (readWanted) {
            readable();
        }
    }

    /** From the peer's loop. */
    void tellWritable() {
        tell(writableTask);
    }

    /** From the peer's loop. */
    void tellReset() {
        tell(() -> failed("read", new IOException("Connection reset: the peer has cut it")));
    }

    private void tell(Runnable task) {
        if (!loop().post(task)) {
            // This end's loop has ended and has closed this end; it told the other through the pipes.
            in.closeReader();
        }
    }
}
