package dev.sluice.nio;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;

/**
 * A non-blocking, ordered, full-duplex pipe of bytes that belongs to one {@link EventLoop} for life. A TCP socket is one, a Unix
 * socket is one, an in-memory pipe is one; a {@link ConnectionHandler} is never told which.
 *
 * <p><b>Threading:</b> loop-confined. Everything but {@link #id()}, {@link #loop()}, the endpoints, {@link #state()},
 * {@link #bytesIn()}, {@link #bytesOut()}, {@link #progress()}, {@link #peerCredentials()}, {@link #tlsSession()}, {@link #blocking()}
 * and {@code toString()} throws {@link IllegalStateException} when called from
 * another thread; {@code connection.loop().execute(...)} gets there.
 *
 * <p><b>Reading is by pull.</b> The loop says "readable", the handler reads into the buffer that it wants filled. Not
 * reading is back-pressure. <b>Writing</b> takes what fits now and says how much; the connection keeps no queue of its own and
 * calls {@link ConnectionHandler#onWritable} once there is room again.
 *
 * <p><b>Failure:</b> an operation that fails closes the connection and throws a {@link TransportException}; the handler's
 * {@code onClosed} has been called with the same cause by then. Operations on a closed connection throw its cause.
 *
 * <p><b>Buffers</b> given to a connection stay the caller's: nothing is kept after a call returns.
 */
public interface Connection {
    /** Most bytes that one call of a transfer method moves, so that no connection holds its loop: 1 MiB. */
    int MAX_TRANSFER_BYTES = 1 << 20;

    /** Most bytes that can be put back with {@link #unread}. */
    int MAX_UNREAD_BYTES = 64;

    /** Returns a number that is unique in this process, for logs. */
    long id();

    /** Returns the loop that this connection belongs to. */
    EventLoop loop();

    /** Returns the address of this side. For a connection that was accepted, the listener's. */
    Endpoint localEndpoint();

    /** Returns the address of the other side. */
    Endpoint remoteEndpoint();

    /** Returns who the peer is, when the transport knows: on Unix sockets, as of the time it connected. */
    Optional<PeerCredentials> peerCredentials();

    /**
     * Returns what both sides of a connection over TLS agreed upon, with the peer's certificates; empty if the connection is in plaintext.
     */
    default Optional<SSLSession> tlsSession() {
        return Optional.empty();
    }

    /** Returns where this connection is in its life. From another thread than the loop, a value of the recent past. */
    ConnectionState state();

    /**
     * Returns how many bytes were read, also by way of {@link #blocking()}; bytes {@linkplain #unread put back} count once. What TLS or
     * another layer adds counts in the connection below it. Any thread.
     */
    long bytesIn();

    /** As {@link #bytesIn()}, of the bytes that were written. */
    long bytesOut();

    /**
     * Returns a number that grows when bytes move, in either direction, also by way of {@link #blocking()}: who finds it unchanged after
     * a while knows that nothing moved. A system call counts when it returns, which for a blocked write of a thread may
     * be as late as after {@link #MAX_TRANSFER_BYTES}. Any thread.
     */
    long progress();

    /**
     * Hands the connection to another handler, whose {@code onAttached} is called before this method returns. Bytes not
     * yet read are the new handler's; if reading was paused it goes on.
     */
    void handler(ConnectionHandler handler);

    /**
     * Reads what is there into {@code dst}, which must have room.
     *
     * @return bytes read, 0 if there are none now, -1 if the peer ended its direction
     */
    int read(ByteBuffer dst) throws TransportException;

    /**
     * Puts bytes back in front of those still to be read; they are copied. Allowed once between reads.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_UNREAD_BYTES}
     */
    void unread(ByteBuffer bytes);

    /** Stops the calls of {@code onReadable}. Idempotent. */
    void pauseReading();

    /** Lets the calls of {@code onReadable} go on. Idempotent. */
    void resumeReading();

    /**
     * Writes what fits. A short write is followed by one {@code onWritable}.
     *
     * @return bytes taken from {@code src}
     */
    int write(ByteBuffer src) throws TransportException;

    /**
     * Writes what fits of several buffers, in order, in one gathering call where the transport has one. A short write is
     * followed by one {@code onWritable}.
     *
     * @return bytes taken from the buffers
     */
    long write(ByteBuffer[] srcs, int offset, int length) throws TransportException;

    /**
     * Writes a range of a file, by the path that is fastest on this transport. Moves at most {@link #MAX_TRANSFER_BYTES}; a short
     * transfer below that is followed by one {@code onWritable}. Pages that are not in memory stall the loop on the
     * disk: send those through {@link #blocking()}.
     *
     * @param position where in the file to begin, at least 0
     * @param count how many bytes to write, at least 0
     * @return bytes written; -1 if {@code position} is at or behind the end of the file, so a file that shrank is noticed
     */
    long transferFrom(FileChannel src, long position, long count) throws TransportException;

    /**
     * Reads into a range of a file. Moves at most {@link #MAX_TRANSFER_BYTES}. Writing dirties pages and may stall on the
     * disk: see {@link #blocking()} for large amounts.
     *
     * @return bytes moved, 0 if there are none now, -1 if the peer ended its direction
     */
    long transferTo(FileChannel dst, long position, long count) throws TransportException;

    /**
     * Moves what is there to another connection of the same loop, at most {@link #MAX_TRANSFER_BYTES}. What was read and not
     * taken becomes unread again; reading is then paused, and the handler of {@code dst}, which is told of room, resumes it.
     *
     * @return bytes moved, 0 if there are none now or no room, -1 if the peer ended its direction
     */
    long transferTo(Connection dst, long count) throws TransportException;

    /** Ends this side's direction, after everything written before. The other direction goes on. Idempotent. */
    void shutdownOutput() throws TransportException;

    /** Closes both directions in an orderly way: what was written is still delivered. Idempotent. */
    void close();

    /**
     * Cuts the connection: what is on the way may be lost and the peer sees a reset where the transport knows one. Idempotent.
     *
     * @param cause what {@code onClosed} will be told
     */
    void abort(TransportException cause);

    /**
     * Hands the connection to threads that may block: the view takes the place of the handler for good, and from here on the
     * connection's own methods for reading and writing are the view's alone. On sockets the calling thread then works on
     * the socket itself, at the speed of the kernel. Thread-safe, but reading must be {@linkplain #pauseReading() paused}, or
     * this be called on the loop.
     *
     * @throws IllegalStateException if the view was taken before; asking for another {@link #handler} throws this, too
     */
    ByteStream blocking() throws TransportException;

    /**
     * Registers something to run on the loop after {@code onClosed}, or at once if the connection is closed already.
     *
     * @param listener told the cause that {@code onClosed} was told
     */
    void whenClosed(Consumer<TransportException> listener);
}
