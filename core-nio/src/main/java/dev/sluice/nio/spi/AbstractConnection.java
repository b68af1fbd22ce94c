package dev.sluice.nio.spi;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.internal.FlightEvents;
import dev.sluice.nio.internal.LoopByteStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What all connections have in common: the state, the handler, who may call what when, and failures. A transport extends this
 * with how its bytes move. When the handler is told of input is {@link InputSide}'s part.
 *
 * <p>A transport calls {@link #open} once, on the loop, then {@link #readable()} and {@link #writable()} when its channel is so,
 * and {@link #failed} when it breaks outside of a call. Its own methods ({@code readSome}, {@code writeSome} and so on) are
 * called on the loop only and in states in which they make sense.
 */
public abstract class AbstractConnection implements Connection {
    private static final Logger LOG = System.getLogger(AbstractConnection.class.getName());
    /** A peer may be able to cause it as often as it likes. */
    private static final LogLimiter UNEXPECTED = new LogLimiter(LOG, Level.ERROR);

    private static final AtomicLong IDS = new AtomicLong();
    private final long id = IDS.incrementAndGet();
    private final EventLoop loop;
    private final Endpoint localEndpoint;
    private final Endpoint remoteEndpoint;
    private final InputSide input = new InputSide(this);
    private final CloseListeners closeListeners = new CloseListeners();
    private final Progress progress = new Progress();

    private volatile ConnectionState state = ConnectionState.OPEN;
    private volatile TransportException cause;
    private volatile boolean handedToThreads;
    private volatile boolean viewTaken;
    /** Null until the connection is open, which it may never be. */
    private ConnectionHandler handler;
    /** Ends the record of a write that waits for room; null while none waits, or nobody records it. */
    private Runnable stall;

    /** Creates a connection that is not yet open. */
    protected AbstractConnection(EventLoop loop, Endpoint localEndpoint, Endpoint remoteEndpoint) {
        this.loop = loop;
        this.localEndpoint = localEndpoint;
        this.remoteEndpoint = remoteEndpoint;
    }

    // ---------------------------------------------------------------- what a transport provides

    /** Reads as {@link Connection#read} does, without bytes put back. */
    protected abstract int readSome(ByteBuffer dst) throws IOException;

    /** Writes what fits now. */
    protected abstract int writeSome(ByteBuffer src) throws IOException;

    /** Writes what fits now of several buffers. */
    protected abstract long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException;

    /** Ends the outgoing direction. */
    protected abstract void endOutput() throws IOException;

    /** Frees the channel. Called once. */
    protected abstract void release(boolean abortive) throws IOException;

    /** Says whether {@link #readable()} is wanted from now on. Level-triggered: called again each turn while so. */
    protected abstract void readInterest(boolean wanted);

    /** Asks for one call of {@link #writable()} when there is room again. */
    protected abstract void writeInterest();

    /** Returns whether input lies in this object's own buffers, where no selector sees it. */
    protected boolean hasBufferedInput() {
        return false;
    }

    /** Writes a piece of a file, at most {@code count} bytes, which is at most {@link #MAX_TRANSFER_BYTES}. -1 at its end. */
    protected long sendSome(FileChannel src, long position, int count) throws IOException {
        return PooledCopies.fromFile(src, position, count, this);
    }

    /**
     * Makes the blocking view. Any thread; nothing is reading. This one works for every connection: the loop moves the bytes, the
     * view's callers wait. A transport whose channel threads can use by themselves overrides this and calls
     * {@link #handOver}.
     */
    protected ByteStream newByteStream() throws IOException {
        LoopByteStream stream = new LoopByteStream(this);
        if (!loop.post(() -> attach(stream))) {
            throw new TransportException(Reason.SHUTDOWN, "the event loop has ended");
        }
        return stream;
    }

    // ---------------------------------------------------------------- what a transport calls

    /** Begins the life of the connection on its loop. */
    public final void open(ConnectionHandler first) {
        loop.requireInLoop();
        Objects.requireNonNull(first, "handler");
        if (state != ConnectionState.CLOSED) { // else whoever accepted it has closed it, too
            loop.add(this);
        }
        handler(first);
    }

    /** The channel has input, or its end. */
    protected final void readable() {
        input.offer();
    }

    /** The channel has room again. */
    protected final void writable() {
        endStall();
        if (!state.isWritable() || handedToThreads) {
            return;
        }
        try {
            handler.onWritable(this);
        } catch (Throwable t) {
            failed("handling room to write", t);
        }
    }

    /** Closes with the reason that {@code failure} stands for. */
    protected final TransportException failed(String what, Throwable failure) {
        TransportException transport = TransportException.of(this + ": " + what, failure);
        if (transport.reason() == Reason.INTERNAL && state != ConnectionState.CLOSED) {
            UNEXPECTED.log("closing " + this + " after an unexpected failure", failure);
        }
        end(transport, true);
        return transport;
    }

    /** Makes {@code view} the handler and keeps the loop from the channel from here on. */
    protected final void handOver(ConnectionHandler view) {
        endStall();
        handler = view;
        handedToThreads = true;
    }

    /** Ends what {@link #handOver} began: the channel is the loop's again, and has a new handler. */
    protected final void takeBack(ConnectionHandler successor) {
        handedToThreads = false;
        attach(successor);
    }

    /** Returns why this connection is closed; empty while it is not. Any thread. */
    public final Optional<TransportException> closeCause() {
        return Optional.ofNullable(cause);
    }

    /** A view has taken bytes in without this object; for its one reader. */
    public final void movedIn(long bytes) {
        progress.movedIn(bytes);
    }

    /** A view has given bytes out without this object; for its one writer. */
    public final void movedOut(long bytes) {
        progress.movedOut(bytes);
    }

    // ---------------------------------------------------------------- Connection

    @Override
    public final long id() {
        return id;
    }

    @Override
    public final EventLoop loop() {
        return loop;
    }

    @Override
    public final Endpoint localEndpoint() {
        return localEndpoint;
    }

    @Override
    public final Endpoint remoteEndpoint() {
        return remoteEndpoint;
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        return Optional.empty();
    }

    @Override
    public final long bytesIn() {
        return progress.bytesIn();
    }

    @Override
    public final long bytesOut() {
        return progress.bytesOut();
    }

    @Override
    public long progress() {
        return bytesIn() + bytesOut();
    }

    @Override
    public final ConnectionState state() {
        return state;
    }

    @Override
    public final void handler(ConnectionHandler successor) {
        loop.requireInLoop();
        requireNotHandedOver();
        if (viewTaken) {
            throw new IllegalStateException(this + " belongs to the blocking view that was taken");
        }
        attach(Objects.requireNonNull(successor, "handler"));
    }

    private void attach(ConnectionHandler successor) {
        if (state == ConnectionState.CLOSED) {
            successor.onClosed(this, cause);
            return;
        }
        handler = successor;
        input.restart(); // before onAttached, which may want to pause
        try {
            successor.onAttached(this);
        } catch (Throwable t) {
            failed("attaching a handler", t);
        }
    }

    @Override
    public final int read(ByteBuffer dst) throws TransportException {
        beginRead();
        try {
            return input.read(dst);
        } catch (IOException | RuntimeException e) {
            throw failed("read", e);
        }
    }

    @Override
    public final void unread(ByteBuffer bytes) {
        loop.requireInLoop();
        if (bytes.remaining() > MAX_UNREAD_BYTES) {
            throw new IllegalArgumentException(
                    "can put back " + MAX_UNREAD_BYTES + " bytes at most, not " + bytes.remaining());
        }
        if (state == ConnectionState.CLOSED || !bytes.hasRemaining()) {
            return;
        }
        try {
            input.putBack(bytes);
        } catch (TransportException e) {
            failed("putting bytes back", e);
        }
    }

    @Override
    public final void pauseReading() {
        loop.requireInLoop();
        input.pause();
    }

    @Override
    public final void resumeReading() {
        loop.requireInLoop();
        requireNotHandedOver();
        input.resume();
    }

    @Override
    public final int write(ByteBuffer src) throws TransportException {
        beginWrite();
        int wanted = src.remaining();
        try {
            int n = writeSome(src);
            written(n, wanted);
            return n;
        } catch (IOException | RuntimeException e) {
            throw failed("write", e);
        }
    }

    @Override
    public final long write(ByteBuffer[] srcs, int offset, int length) throws TransportException {
        beginWrite();
        long wanted = 0;
        for (int i = offset; i < offset + length; i++) {
            wanted += srcs[i].remaining();
        }
        try {
            long n = writeSome(srcs, offset, length);
            written(n, wanted);
            return n;
        } catch (IOException | RuntimeException e) {
            throw failed("write", e);
        }
    }

    @Override
    public final long transferFrom(FileChannel src, long position, long count) throws TransportException {
        beginWrite();
        int piece = checkedPiece(position, count);
        long sent = 0;
        try {
            while (sent < piece) {
                long n = sendSome(src, position + sent, (int) (piece - sent));
                if (n < 0) {
                    return sent == 0 ? -1 : sent;
                }
                if (n == 0) {
                    awaitRoom();
                    break;
                }
                movedOut(n);
                sent += n;
            }
        } catch (IOException | RuntimeException e) {
            throw failed("send from a file", e);
        }
        return sent;
    }

    @Override
    public final long transferTo(FileChannel dst, long position, long count) throws TransportException {
        beginRead();
        try {
            return PooledCopies.toFile(this, dst, position, checkedPiece(position, count));
        } catch (IOException e) {
            throw failed("receive into a file", e);
        }
    }

    @Override
    public final long transferTo(Connection dst, long count) throws TransportException {
        beginRead();
        return PooledCopies.toConnection(this, dst, checkedPiece(0, count), input.unread());
    }

    @Override
    public final void shutdownOutput() throws TransportException {
        requireUsable();
        if (!state.isWritable()) {
            return;
        }
        try {
            endOutput();
        } catch (IOException | RuntimeException e) {
            throw failed("end output", e);
        }
        state = state.afterOutputEnd();
    }

    @Override
    public final void close() {
        loop.requireInLoop();
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (handler instanceof LoopByteStream view && view.hasUnwritten()) {
            view.close(); // which closes this once all is written
            return;
        }
        end(TransportException.closed(this + ": closed by this side"), false);
    }

    @Override
    public final void abort(TransportException why) {
        loop.requireInLoop();
        end(Objects.requireNonNull(why, "cause"), true);
    }

    @Override
    public final ByteStream blocking() throws TransportException {
        if (loop.isInLoop()) {
            pauseReading();
        }
        if (state == ConnectionState.CLOSED) {
            throw closedAlready();
        }
        if (input.isWanted()) {
            throw new IllegalStateException(this + ": pause reading before taking the blocking view");
        }
        requireNotHandedOver();
        if (viewTaken) {
            throw new IllegalStateException(this + ": the blocking view was taken already");
        }
        viewTaken = true;
        try {
            return newByteStream();
        } catch (IOException e) {
            TransportException failure = TransportException.of(this + ": take the blocking view", e);
            loop.post(() -> end(failure, true));
            throw failure;
        }
    }

    @Override
    public final void whenClosed(Consumer<TransportException> listener) {
        loop.requireInLoop();
        if (state == ConnectionState.CLOSED) {
            listener.accept(cause);
            return;
        }
        closeListeners.add(listener);
    }

    @Override
    public String toString() {
        return "connection " + id + " (" + localEndpoint + " - " + remoteEndpoint + ")";
    }

    // ---------------------------------------------------------------- the rest

    /** Whether there is a handler that the loop may call. */
    final boolean hasHandlerOnLoop() {
        return state != ConnectionState.CLOSED && !handedToThreads;
    }

    /** Returns whether other threads than the loop process what is read here ({@link ConnectionHandler#usesThreads()}). */
    protected final boolean usesThreads() {
        try {
            return handedToThreads || (handler != null && handler.usesThreads());
        } catch (Throwable t) {
            failed("asking whether its handler uses threads", t);
            return true;
        }
    }

    final void tellReadable() {
        try {
            handler.onReadable(this);
        } catch (Throwable t) {
            failed("handling input", t);
        }
    }

    /** The handler was given the end of the input. */
    final void inputEnded() {
        if (state.isReadable()) {
            state = state.afterInputEnd();
            readInterest(false);
        }
    }

    private void beginRead() throws TransportException {
        requireUsable();
        input.attempted();
    }

    private void beginWrite() throws TransportException {
        requireUsable();
        if (!state.isWritable()) {
            throw new IllegalStateException(this + ": write after this side ended its output, state is " + state);
        }
    }

    /** Returns whether bytes that were put back wait to be read. */
    protected final boolean hasUnread() {
        return !input.unread().isEmpty();
    }

    /** Gives the bytes put back, copied, to a view that does not read through this connection. */
    protected final ByteBuffer takeUnread() {
        return input.unread().takeAll();
    }

    private void written(long bytes, long wanted) {
        if (bytes > 0) {
            movedOut(bytes);
        }
        if (bytes < wanted) {
            awaitRoom();
        }
    }

    private void awaitRoom() {
        if (stall == null) {
            stall = FlightEvents.stalledWrite(this);
        }
        writeInterest();
    }

    private void endStall() {
        if (stall != null) {
            Runnable ended = stall;
            stall = null;
            ended.run();
        }
    }

    private static int checkedPiece(long position, long count) {
        if (position < 0 || count < 0) {
            throw new IllegalArgumentException(
                    "position and count must be at least 0, are " + position + " and " + count);
        }
        return (int) Math.min(count, MAX_TRANSFER_BYTES);
    }

    private void requireUsable() throws TransportException {
        loop.requireInLoop();
        requireNotHandedOver();
        if (state == ConnectionState.CLOSED) {
            throw closedAlready();
        }
    }

    private void requireNotHandedOver() {
        if (handedToThreads) {
            throw new IllegalStateException(this + " was handed over to threads by blocking()");
        }
    }

    private TransportException closedAlready() {
        TransportException why = cause;
        return new TransportException(why.reason(), this + " is closed: " + why.getMessage(), why);
    }

    private void end(TransportException why, boolean abortive) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        cause = why;
        state = ConnectionState.CLOSED;
        input.unread().drop();
        try {
            release(abortive);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "freeing " + this, e);
        }
        loop.remove(this);
        endStall();
        FlightEvents.closed(this, why.reason());
        notifyClosed(why);
    }

    private void notifyClosed(TransportException why) {
        try {
            if (handler != null) {
                handler.onClosed(this, why);
            }
        } catch (Throwable t) {
            LOG.log(Level.ERROR, this + ": onClosed failed", t);
        }
        closeListeners.tell(why, this);
    }
}
