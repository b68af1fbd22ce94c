package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The blocking view of a socket: the socket itself, in blocking mode, taken out of the selector. The calling thread enters the
 * kernel directly; the loop only closes. On virtual threads the JDK parks the caller.
 */
final class SocketByteStream extends AbstractByteStream implements ConnectionHandler {
    private final SocketConnection socket;
    private final SocketChannel channel;
    private final FileSender files;
    /** What a protocol on the loop had put back; for the one reader. */
    private final ByteBuffer unread;

    private volatile boolean outputEnded;
    private volatile boolean abortRequested;
    private final AtomicBoolean closeRequested = new AtomicBoolean();
    /** Threads within a call. While there are any, the socket is theirs, and closing it is all that another may do. */
    private final AtomicInteger readers = new AtomicInteger();

    private final AtomicInteger writers = new AtomicInteger();
    /** Of a close: the loop has the socket again, or waits for a reader to leave; loop-confined. */
    private boolean takenBack;

    private boolean limited;

    SocketByteStream(SocketConnection socket, SocketChannel channel, FileSender files, ByteBuffer unread) {
        super(socket);
        this.socket = socket;
        this.channel = channel;
        this.files = files;
        this.unread = unread;
    }

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        try {
            return inCall(readers, "read", () -> unread.hasRemaining() ? readUnread(dst) : readSocket(dst));
        } finally {
            if (closeRequested.get() && !abortRequested) {
                onLoop(this::closeIdle); // which may have waited for this reader
            }
        }
    }

    private int readSocket(ByteBuffer dst) throws IOException {
        int before = dst.position();
        int n = channel.read(dst);
        if (closeRequested.get()) {
            dst.position(before);
            throw endedByCaller();
        }
        if (n > 0) {
            socket.movedIn(n);
        }
        return n;
    }

    private int readUnread(ByteBuffer dst) {
        int n = Math.min(unread.remaining(), dst.remaining());
        dst.put(unread.slice(unread.position(), n));
        unread.position(unread.position() + n);
        return n;
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        requireOutput();
        return inCall(writers, "write", () -> {
            int total = src.remaining();
            files.writeFully(src);
            return total;
        });
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        requireOutput();
        return inCall(writers, "send a file", () -> files.send(src, position, count));
    }

    @Override
    public void shutdownOutput() throws TransportException {
        inCall(writers, "end output", channel::shutdownOutput);
        outputEnded = true;
    }

    private void requireOutput() {
        requireNotOnLoop();
        if (outputEnded) {
            throw new IllegalStateException(socket + ": write after this side ended its output");
        }
    }

    private interface SocketCall<T> {
        T run() throws IOException;
    }

    private <T> T inCall(AtomicInteger callers, String what, SocketCall<T> call) throws TransportException {
        requireNotOnLoop();
        callers.incrementAndGet();
        try {
            if (closeRequested.get()) {
                throw endedByCaller();
            }
            return call.run();
        } catch (IOException | RuntimeException e) {
            throw broken(what, e);
        } finally {
            callers.decrementAndGet();
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen() && !closeRequested.get();
    }

    /**
     * Ends the output at once, so that the peer need not wait for the loop to wake up; the loop closes. Under a writer there is no
     * orderly end: its call fails.
     */
    @Override
    public void close() {
        if (!closeRequested.compareAndSet(false, true)) {
            return;
        }
        if (writers.get() > 0) {
            onLoop(socket::close); // ends its call, and the reader's
            return;
        }
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "already gone", e);
        }
        onLoop(this::closeIdle);
    }

    /**
     * Takes the socket back once no reader is within a call. Who blocks in one leaves when the peer sends or ends. Nothing else would make it
     * leave a whole socket behind: closing it, or shutting its input down, makes the kernel answer what the peer still sends with a reset,
     * which destroys what was written last. So a reader may stay for as long as one waits for the peer anyway.
     */
    private void closeIdle() {
        if (takenBack || socket.state() == ConnectionState.CLOSED) {
            return;
        }
        if (readers.get() == 0) {
            takenBack = true;
            socket.closeAfterThreads();
        } else if (!limited) {
            limited = true;
            Timeout limit = socket.loop().schedule(LingeringClose.MAX_WAIT, this::closeUnderReader);
            socket.whenClosed(cause -> limit.cancel());
        }
    }

    private void closeUnderReader() {
        if (!takenBack) {
            socket.close();
        }
    }

    @Override
    public void abort() {
        abortRequested = true;
        closeRequested.set(true);
        onLoop(() -> socket.abort(abortedByCaller()));
    }

    private TransportException endedByCaller() {
        return abortRequested ? abortedByCaller() : closedByCaller();
    }

    private void onLoop(Runnable task) {
        if (!socket.loop().post(task)) {
            LOG.log(System.Logger.Level.DEBUG, "the loop of {0} has ended and has closed it", socket);
        }
    }

    /** The reason a call failed: what closed the connection, if it was closed meanwhile. */
    private TransportException broken(String what, Exception failure) {
        Optional<TransportException> cause = socket.closeCause();
        if (cause.isPresent()) {
            return closedAlready(cause.get());
        }
        if (closeRequested.get()) {
            return endedByCaller();
        }
        TransportException why = Thread.currentThread().isInterrupted()
                ? interrupted(failure)
                : TransportException.of(socket + ": " + what, failure);
        if (why.reason() != Reason.INTERNAL) {
            onLoop(() -> socket.abort(why));
        }
        return why;
    }

    @Override
    public void onReadable(Connection c) {
        throw new IllegalStateException("the selector does not watch this socket");
    }

    @Override
    public void onClosed(Connection c, TransportException cause) {
        // The channel is closed: a thread blocked in it has been told by the JDK, and asks for the cause.
    }
}
