package dev.sluice.nio;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;

/**
 * The blocking view of a {@link Connection}: what user code holds while it streams.
 *
 * <p><b>Threading:</b> any thread; one reader and one writer at a time, which may be different threads. {@link #close()} and
 * {@link #abort()} may be called by anybody and end blocked calls. On a JDK with virtual threads, blocked calls
 * park. Interrupting a blocked thread closes the stream. Never call from an event loop: that throws {@link IllegalStateException}.
 *
 * <p><b>Failure:</b> every failure is a {@link TransportException}. One of the connection has closed it by then. One that has
 * to do with a file that is received into, or with a lack of buffers, leaves the connection to the caller. A file that
 * cannot be sent to its end cuts it.
 */
public interface ByteStream extends ByteChannel {
    /** Returns the connection below, for its id and endpoints. */
    Connection connection();

    /**
     * Reads at least one byte.
     *
     * @return bytes read, or -1 if the peer ended its direction
     */
    @Override
    int read(ByteBuffer dst) throws TransportException;

    /** Writes all of {@code src}, unlike a plain {@code WritableByteChannel}. */
    @Override
    int write(ByteBuffer src) throws TransportException;

    /**
     * Writes a range of a file, by the path that is fastest on this transport.
     *
     * @return {@code count}, or less if the file ended before that
     */
    long transferFrom(FileChannel src, long position, long count) throws TransportException;

    /**
     * Reads into a range of a file until {@code count} bytes came or the peer ended its direction.
     *
     * @return bytes moved
     */
    long transferTo(FileChannel dst, long position, long count) throws TransportException;

    /**
     * Moves bytes to another stream until {@code count} bytes came or the peer ended its direction.
     *
     * @return bytes moved
     */
    long transferTo(ByteStream dst, long count) throws TransportException;

    /** Ends this side's direction. The peer reads everything written before, then the end. Idempotent. */
    void shutdownOutput() throws TransportException;

    /** Returns the input as a stream; the same one each time. Closing it closes the connection. */
    InputStream inputStream();

    /** Returns the output as an unbuffered stream; the same one each time. Closing it closes the connection. */
    OutputStream outputStream();

    /**
     * Closes the connection in an orderly way: what was written is delivered, unless another thread is still writing, whose call fails. A
     * thread that reads is told as soon as the transport can without harm to that, after a second at the latest. Idempotent,
     * throws nothing.
     */
    @Override
    void close();

    /**
     * Cuts the connection. The peer sees a reset where the transport knows one: on TCP; on a Unix socket it sees an end like
     * any other. Idempotent.
     */
    void abort();
}
