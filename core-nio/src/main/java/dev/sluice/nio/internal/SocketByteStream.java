package dev.sluice.nio.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/**
 * The blocking view of a socket: the socket itself, in blocking mode, taken out of the selector. The calling thread enters the
 * kernel directly; the loop only closes. On virtual threads the JDK parks the caller.
 */
final class SocketByteStream extends BaseByteStream implements ConnectionHandler {
    /** Below this a file is copied: neither sendfile's nor mapping's fixed cost pays. */
    private static final int SMALL_FILE_BYTES = 64 << 10;
    /** Bytes given to the kernel at a time. Larger runs were not faster on any path. */
    private static final int RUN_BYTES = 1 << 20;

    private final SocketConnection socket;
    private final SocketChannel channel;
    private final FilePathChooser filePaths;
    /** What a protocol on the loop had put back; for the one reader. */
    private final ByteBuffer unread;

    private volatile boolean closeRequested;

    SocketByteStream(SocketConnection socket, SocketChannel channel, FilePathChooser filePaths, ByteBuffer unread) {
        super(socket);
        this.socket = socket;
        this.channel = channel;
        this.filePaths = filePaths;
        this.unread = unread;
    }

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        requireNotOnLoop();
        if (unread.hasRemaining()) {
            return readUnread(dst);
        }
        try {
            return channel.read(dst);
        } catch (IOException | RuntimeException e) {
            throw broken("read", e);
        }
    }

    private int readUnread(ByteBuffer dst) {
        int n = Math.min(unread.remaining(), dst.remaining());
        dst.put(unread.slice(unread.position(), n));
        unread.position(unread.position() + n);
        return n;
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        requireNotOnLoop();
        int total = src.remaining();
        try {
            while (src.hasRemaining()) {
                channel.write(src);
            }
            return total;
        } catch (IOException | RuntimeException e) {
            throw broken("write", e);
        }
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        requireNotOnLoop();
        if (count <= SMALL_FILE_BYTES) {
            return super.transferFrom(src, position, count);
        }
        long sent = 0;
        while (sent < count) {
            int slice = (int) Math.min(count - sent, FilePathChooser.SLICE_BYTES);
            boolean measured = slice == FilePathChooser.SLICE_BYTES;
            FilePath path = measured ? filePaths.forNextSlice() : filePaths.fastest();
            long begin = System.nanoTime();
            long n = send(path, src, position + sent, slice);
            if (measured && n == slice) {
                filePaths.record(path, slice, System.nanoTime() - begin);
            }
            sent += n;
            if (n < slice) {
                break; // the file ended
            }
        }
        return sent;
    }

    /** Sends a slice by one path, less than {@code count} only if the file ended. */
    private long send(FilePath path, FileChannel src, long position, int count) throws TransportException {
        return switch (path) {
            case SENDFILE -> sendfile(src, position, count);
            case MAPPED -> sendMapped(src, position, count);
            case COPY -> super.transferFrom(src, position, count);
        };
    }

    private long sendfile(FileChannel src, long position, int count) throws TransportException {
        long sent = 0;
        try {
            while (sent < count) {
                long n = src.transferTo(position + sent, Math.min(count - sent, RUN_BYTES), channel);
                if (n == 0) {
                    // The end of the file; or a virtual thread, whose socket does not block: copying parks it.
                    long copied = super.transferFrom(src, position + sent, Math.min(count - sent, RUN_BYTES));
                    if (copied == 0) {
                        break;
                    }
                    n = copied;
                }
                sent += n;
            }
            return sent;
        } catch (TransportException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw broken("send a file", e);
        }
    }

    private long sendMapped(FileChannel src, long position, int count) throws TransportException {
        try {
            int available = (int) Math.min(count, src.size() - position);
            if (available <= 0) {
                return 0;
            }
            try (FileMapping mapping = FileMapping.of(src, position, available)) {
                ByteBuffer bytes = mapping.bytes();
                for (int end = 0; end < available; ) {
                    end = Math.min(available, end + RUN_BYTES);
                    bytes.limit(end);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            }
            return available;
        } catch (IOException | RuntimeException e) {
            throw broken("send a file", e);
        }
    }

    @Override
    public void shutdownOutput() throws TransportException {
        try {
            channel.shutdownOutput();
        } catch (IOException | RuntimeException e) {
            throw broken("end output", e);
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen() && !closeRequested;
    }

    /** Ends the output at once, so that the peer need not wait for the loop to wake up; the loop closes. */
    @Override
    public void close() {
        if (closeRequested) {
            return;
        }
        closeRequested = true;
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "already gone", e);
        }
        onLoop(socket::close);
    }

    @Override
    public void abort() {
        closeRequested = true;
        onLoop(() -> socket.abort(abortedByCaller()));
    }

    private void onLoop(Runnable task) {
        try {
            socket.loop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "the loop of {0} has ended and has closed it", socket);
        }
    }

    /** The reason a call failed: what closed the connection, if it was closed meanwhile. */
    private TransportException broken(String what, Exception failure) {
        Optional<TransportException> cause = socket.closeCause();
        if (cause.isPresent()) {
            return closedAlready(cause.get());
        }
        if (closeRequested) {
            return TransportException.closed(socket + ": the stream was closed");
        }
        if (Thread.currentThread().isInterrupted()) {
            TransportException why = interrupted(failure);
            onLoop(() -> socket.abort(why));
            return why;
        }
        TransportException why = TransportException.of(socket + ": " + what, failure);
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
