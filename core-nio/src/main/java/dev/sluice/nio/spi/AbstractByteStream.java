package dev.sluice.nio.spi;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** What blocking views have in common: transfers by pooled copies, and the stream adapters. */
public abstract class AbstractByteStream implements ByteStream {
    /** For subclasses. */
    protected static final Logger LOG = System.getLogger(ByteStream.class.getName());

    /** Piece size of copies. 256 KiB was as fast as any larger one on TCP and Unix sockets and stays within the L2 cache. */
    public static final int COPY_BYTES = 256 << 10;

    private final Connection connection;
    private final InputStream inputStream = new Input();
    private final OutputStream outputStream = new Output();

    /** Creates the view of a connection. */
    protected AbstractByteStream(Connection connection) {
        this.connection = connection;
    }

    @Override
    public final Connection connection() {
        return connection;
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        requireNotOnLoop();
        PooledBuffer pooled = acquireCopyBuffer(count);
        try {
            long sent = 0;
            while (sent < count) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit((int) Math.min(bytes.capacity(), count - sent));
                int n = src.read(bytes, position + sent);
                if (n < 0) {
                    break;
                }
                write(bytes.flip());
                sent += n;
            }
            return sent;
        } catch (IOException e) {
            throw fileFailure("read the file to send", e);
        } finally {
            pooled.release();
        }
    }

    @Override
    public long transferTo(FileChannel dst, long position, long count) throws TransportException {
        requireNotOnLoop();
        PooledBuffer pooled = acquireCopyBuffer(count);
        try {
            long moved = 0;
            while (moved < count) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit((int) Math.min(bytes.capacity(), count - moved));
                if (read(bytes) < 0) {
                    break;
                }
                bytes.flip();
                while (bytes.hasRemaining()) {
                    moved += dst.write(bytes, position + moved);
                }
            }
            return moved;
        } catch (IOException e) {
            throw fileFailure("write the received file", e);
        } finally {
            pooled.release();
        }
    }

    @Override
    public long transferTo(ByteStream dst, long count) throws TransportException {
        requireNotOnLoop();
        PooledBuffer pooled = acquireCopyBuffer(count);
        try {
            long moved = 0;
            while (moved < count) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit((int) Math.min(bytes.capacity(), count - moved));
                int n = read(bytes);
                if (n < 0) {
                    break;
                }
                dst.write(bytes.flip());
                moved += n;
            }
            return moved;
        } finally {
            pooled.release();
        }
    }

    @Override
    public final InputStream inputStream() {
        return inputStream;
    }

    @Override
    public final OutputStream outputStream() {
        return outputStream;
    }

    /** Lends a buffer for copies, from any thread. */
    protected final PooledBuffer acquireCopyBuffer(long count) throws TransportException {
        return connection.loop().group().buffers().acquireUpTo((int) Math.min(Math.max(count, 1), COPY_BYTES));
    }

    /** A failure of the connection is passed on; one of the file is wrapped and leaves the connection to the caller. */
    protected final TransportException fileFailure(String what, IOException failure) {
        return TransportException.of(connection + ": " + what, failure);
    }

    /** The failure of a call on a connection that has ended. */
    protected final TransportException closedAlready(TransportException cause) {
        return new TransportException(cause.reason(), connection + " is closed: " + cause.getMessage(), cause);
    }

    /** The end after {@link #abort()}. */
    protected final TransportException abortedByCaller() {
        return new TransportException(Reason.CANCELLED, connection + ": cut by this side");
    }

    /** The end after {@link #close()}. */
    protected final TransportException closedByCaller() {
        return TransportException.closed(connection + ": the stream was closed");
    }

    /** The end after an interrupt. */
    protected final TransportException interrupted(Exception e) {
        return new TransportException(Reason.CANCELLED, connection + ": the waiting thread was interrupted", e);
    }

    /** Throws on the thread of a loop. */
    protected static void requireNotOnLoop() {
        if (EventLoop.isLoopThread()) {
            throw new IllegalStateException(
                    "a blocking stream must not be used on an event loop; use the Connection there");
        }
    }

    /** Not the adapters of {@code java.nio.channels.Channels}: those block within a monitor, which pins virtual threads. */
    private final class Input extends InputStream {
        private final byte[] one = new byte[1];

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return length == 0
                    ? 0
                    : AbstractByteStream.this.read(ByteBuffer.wrap(bytes, offset, Math.min(length, COPY_BYTES)));
        }

        @Override
        public void close() {
            AbstractByteStream.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                int piece = Math.min(length - done, COPY_BYTES);
                AbstractByteStream.this.write(ByteBuffer.wrap(bytes, offset + done, piece));
                done += piece;
            }
        }

        @Override
        public void close() {
            AbstractByteStream.this.close();
        }
    }
}
