package dev.sluice.tls.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The view that a thread gets while the loop has yet to let go of the connection: callers wait for the one that the loop gives. Closed
 * before that, there is none, and the connection ends as one without a view does, with all that was written.
 */
final class AwaitedByteStream extends AbstractByteStream {
    private final TlsConnection tls;
    private final CompletableFuture<ByteStream> given = new CompletableFuture<>();

    AwaitedByteStream(TlsConnection tls) {
        super(tls);
        this.tls = tls;
    }

    /** Returns whether nobody waits for a view any more. */
    boolean isGivenUp() {
        return given.isCompletedExceptionally();
    }

    /** Lets the callers go on. If this was closed meanwhile, the loop is about to close the connection, and the view with it. */
    void give(ByteStream view) {
        given.complete(view);
    }

    /** There is no view, for the connection is closed. */
    void refuse(TransportException cause) {
        given.completeExceptionally(closedAlready(cause));
    }

    private ByteStream await() throws TransportException {
        requireNotOnLoop();
        try {
            return given.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw (TransportException) e.getCause();
        }
    }

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        return await().read(dst);
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        return await().write(src);
    }

    @Override
    public void shutdownOutput() throws TransportException {
        await().shutdownOutput();
    }

    @Override
    public boolean isOpen() {
        if (isGivenUp()) {
            return false;
        }
        return given.isDone() ? given.join().isOpen() : tls.closeCause().isEmpty();
    }

    @Override
    public void close() {
        if (!given.isDone() && given.completeExceptionally(closedByCaller())) {
            onLoop(tls::close);
        } else if (!isGivenUp()) {
            given.join().close();
        }
    }

    @Override
    public void abort() {
        TransportException cause = abortedByCaller();
        if (given.completeExceptionally(cause)) {
            onLoop(() -> tls.abort(cause));
        } else if (!isGivenUp()) {
            given.join().abort();
        }
    }

    private void onLoop(Runnable task) {
        if (!tls.loop().post(task)) {
            LOG.log(System.Logger.Level.DEBUG, "the loop of {0} has ended and has closed it", tls);
        }
    }
}
