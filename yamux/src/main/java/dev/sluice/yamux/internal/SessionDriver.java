package dev.sluice.yamux.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxStats;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Moves the bytes of a session between the connection below and its streams, and gives the session the time.
 *
 * <p>A turn: what the connection below has is received; then the streams' handlers are told of it; then all frames that are ready go
 * out in one gathering write. Where much has come, pieces of it do so one after the other. It is never paused for want of room: payload goes to the streams, whose windows bound it.
 *
 * <p>Loop-confined.
 */
public final class SessionDriver implements ConnectionHandler, SessionEvents {
    private static final Logger LOG = System.getLogger(SessionDriver.class.getName());

    private static final int READ_BYTES = 128 << 10;
    /** Before others on the loop have their turn. */
    private static final int READS_PER_TURN = 4;

    /** Kept of the writes of all streams together; beyond it each stream may have a little. */
    private static final int KEPT_BYTES = 1 << 20;
    /** A timer so late says that the loop stood still. */
    private static final long LATE_NANOS = Duration.ofMillis(200).toNanos();

    /** A timer need not be set further ahead. */
    private static final long LONGEST_NANOS = Duration.ofDays(1).toNanos();

    private final Connection below;
    private final EventLoop loop;
    private final Acceptor acceptor;
    private final YamuxConfig config;
    private final YamuxSession session;
    private final Outbox outbox;
    private final CompletableFuture<TransportException> ended;
    private final Runnable flushTask = this::runFlush;
    private final Runnable timerTask = this::runTimer;
    private final Runnable tickTask = this::tick;

    /** Streams with input that their handlers have not been told of. */
    private final Deque<StreamConnection> readers = new ArrayDeque<>();
    /** Streams whose handlers have more to write, in the order in which they were refused. */
    private final Deque<StreamConnection> writers = new ArrayDeque<>();

    private final Pings pings = new Pings();

    /** The session, or a write below, is under way: it must not be asked for output. */
    private boolean inSession;
    /** How many turns are under way, one within the other: at the end of the outermost all goes out. */
    private int turns;
    /** The loop stood still beyond what the timer was set to, and has not yet looked at what came meanwhile: no peer is judged. */
    private boolean late;
    /** The timer was late, and was set once more to let the loop look. */
    private boolean timerDeferred;
    /** The connection below took less than it was given, and will say when there is room. */
    private boolean blocked;

    private boolean flushPosted;
    private long keptBytes;
    private Timeout timer;
    private long timerAt;
    private Yamux owner;
    /** Why the session is over; null while it is not. */
    private TransportException over;

    /** Null until {@link #over} and all handlers have been told. */
    private Farewell farewell;

    /** Creates the driver. */
    public SessionDriver(
            Role role,
            Connection below,
            YamuxConfig config,
            Acceptor acceptor,
            CompletableFuture<TransportException> ended) {
        this.below = below;
        this.acceptor = acceptor;
        this.config = config;
        this.ended = ended;
        loop = below.loop();
        outbox = new Outbox(loop.buffers());
        session = new YamuxSession(role, config, this, below.toString(), loop.nanoTime());
    }

    /** Sets what this drives on behalf of, before it starts. */
    public void owner(Yamux session) {
        owner = session;
    }

    Yamux owner() {
        return owner;
    }

    /** Takes over the connection below. */
    public void start() {
        below.handler(this);
        if (below.state() != ConnectionState.CLOSED) {
            armTimer();
        }
    }

    Connection below() {
        return below;
    }

    // ---------------------------------------------------------------- what the owner asks for

    /** Opens a stream. */
    public Connection openStream(ConnectionHandler handler) throws TransportException {
        beginTurn();
        try {
            StreamConnection stream = new StreamConnection(this, session.open());
            stream.open(handler);
            return stream;
        } finally {
            endTurn();
        }
    }

    /** Sends a ping. */
    public void ping(CompletableFuture<Duration> answer) {
        if (over != null) {
            answer.completeExceptionally(over);
            return;
        }
        pings.add(answer);
        inTurn(session::ping);
    }

    /** Ends the session with its last stream; see {@link YamuxSession#shutdown}. */
    public void shutdown() {
        inTurn(session::shutdown);
    }

    /** Ends the session when all is sent; see {@link YamuxSession#close}. */
    public void close() {
        inTurn(session::close);
    }

    /** Returns the counters. */
    public YamuxStats stats() {
        return session.stats();
    }

    // ---------------------------------------------------------------- turns

    @Override
    public void onReadable(Connection connection) throws IOException {
        PooledBuffer pooled = loop.buffers().acquireUpTo(READ_BYTES);
        beginTurn();
        try {
            receive(pooled.buffer());
        } finally {
            pooled.release();
            endTurn();
        }
    }

    private void receive(ByteBuffer bytes) throws TransportException {
        for (int reads = 0; reads < READS_PER_TURN && below.state() != ConnectionState.CLOSED; reads++) {
            int n = below.read(bytes.clear());
            late = false;
            if (n < 0) {
                inSession(session::endOfInput);
            }
            if (n <= 0) {
                return;
            }
            bytes.flip();
            receiveAll(bytes);
            tellReaders();
            if (n < bytes.capacity()) {
                return; // there is no more
            }
            push(); // the peer may be waiting for the windows that this has opened
        }
    }

    private void receiveAll(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            inSession = true;
            try {
                session.receiveSome(bytes);
            } finally {
                inSession = false;
            }
            if (bytes.hasRemaining()) {
                push();
            }
        }
    }

    private void tellReaders() {
        for (int left = readers.size(); left > 0; left--) {
            StreamConnection next = readers.removeFirst();
            next.inReaders = false;
            next.tellReadable();
        }
    }

    @Override
    public void onWritable(Connection connection) {
        blocked = false;
        flush();
    }

    private void runFlush() {
        flushPosted = false;
        flush();
    }

    private void runTimer() {
        if (isTimerLate() && !timerDeferred) {
            timerDeferred = true;
            late = true;
            setTimer(loop.nanoTime()); // the next turn of the loop: before that it looks at the connection
            return;
        }
        timerDeferred = false;
        late = false;
        timer = null;
        flush();
    }

    private void flush() {
        beginTurn();
        endTurn();
    }

    private void inTurn(Runnable task) {
        beginTurn();
        try {
            task.run();
        } finally {
            endTurn();
        }
    }

    /** Work for the session during which it may not be asked for output. */
    private void inSession(Runnable task) {
        boolean within = inSession;
        inSession = true;
        try {
            task.run();
        } finally {
            inSession = within;
        }
    }

    private void beginTurn() {
        if (turns++ == 0) {
            session.passTime(loop.nanoTime());
            late |= isTimerLate();
        }
    }

    private boolean isTimerLate() {
        return timer != null && loop.nanoTime() - timerAt > LATE_NANOS;
    }

    private void endTurn() {
        try {
            if (turns == 1) {
                tellReaders();
                if (!hasDeparted() && below.state() != ConnectionState.CLOSED) {
                    sendAll();
                }
                if (!readers.isEmpty()) {
                    postFlush(); // the session ended, and what its streams keep is still to be read
                }
            }
        } finally {
            turns--;
        }
    }

    private void sendAll() {
        pushAll();
        inSession(tickTask);
        if (session.hasOutput()) {
            pushAll();
        }
        if (over == null) {
            armTimer();
        } else if (below.state() != ConnectionState.CLOSED) {
            sayFarewell();
        }
    }

    private void sayFarewell() {
        if (farewell == null) {
            farewell = new Farewell(below, outbox, over, config.writeTimeout());
        }
        farewell.goOn();
    }

    private boolean hasDeparted() {
        return farewell != null && farewell.hasDeparted();
    }

    private void tick() {
        if (!late) {
            session.tick(loop.nanoTime());
        }
        session.endIfDone();
    }

    /** Sends what is ready, then lets those write who were refused before, in their order. */
    private void pushAll() {
        push();
        for (int left = writers.size(); left > 0 && isFree(); left--) {
            StreamConnection next = writers.removeFirst();
            next.inWriters = false;
            next.tellWritable();
            push();
        }
        if (!writers.isEmpty() && isFree()) {
            flushNextTurn();
        }
    }

    /** Sends what is ready, as far as the connection below takes it. */
    private void push() {
        if (inSession || blocked || hasDeparted() || !below.state().isWritable()) {
            return;
        }
        inSession = true;
        try {
            do {
                while (outbox.hasRoom() && session.hasOutput()) {
                    session.poll(outbox, 1);
                }
                if (outbox.isEmpty()) {
                    return;
                }
                session.written(outbox.write(below));
            } while (outbox.isEmpty());
            blocked = true;
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, "{0}: the connection below failed, and has told the session", session);
        } finally {
            inSession = false;
            if (below.state() == ConnectionState.CLOSED) {
                outbox.clear(); // also what was handed out after that
            }
        }
    }

    private void postFlush() {
        if (!flushPosted) {
            flushPosted = loop.post(flushTask);
        }
    }

    /** As a task it would run before the loop looks at any socket. */
    private void flushNextTurn() {
        loop.schedule(Duration.ZERO, flushTask);
    }

    private void armTimer() {
        long nanos = Math.min(session.nanosToNextTick(), LONGEST_NANOS);
        long at = loop.nanoTime() + nanos;
        if (timer != null && timerAt - at <= 0) {
            return; // it comes early, and looks again
        }
        disarmTimer();
        setTimer(at);
    }

    private void setTimer(long at) {
        timerAt = at;
        timer = loop.scheduleAt(at, timerTask);
    }

    private void disarmTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    // ---------------------------------------------------------------- what streams ask for

    /** Returns whether a stream may write straight to the connection below. */
    boolean isFree() {
        return !inSession
                && outbox.isEmpty()
                && over == null
                && !hasDeparted()
                && below.state().isWritable();
    }

    /** Returns whether the session is at work, so that nothing can be written just now whatever room there is. */
    boolean isInSession() {
        return inSession;
    }

    /** Sends what is ready, in the middle of a stream's write. */
    void writeNow() {
        if (turns == 0) {
            session.passTime(loop.nanoTime());
        }
        push();
        if (turns == 0 && blocked) {
            postFlush(); // which sets the timer
        }
    }

    void tellOfInput(StreamConnection stream) {
        if (!stream.inReaders) {
            stream.inReaders = true;
            readers.addLast(stream);
        }
        if (turns == 0) {
            postFlush();
        }
    }

    void tellOfRoom(StreamConnection stream) {
        if (!stream.inWriters) {
            stream.inWriters = true;
            writers.addLast(stream);
        }
        if (turns == 0) {
            flushNextTurn();
        }
    }

    /** Streams keep so many bytes more, or fewer, of what was written. */
    void kept(int bytes) {
        keptBytes += bytes;
    }

    boolean hasKeptMuch() {
        return keptBytes >= KEPT_BYTES || loop.group().buffers().isUnderPressure();
    }

    // ---------------------------------------------------------------- what the session tells

    @Override
    public void onStream(YamuxStream stream) {
        new StreamConnection(this, stream).accept(acceptor);
    }

    @Override
    public void onData(YamuxStream stream, ByteBuffer bytes) {
        StreamConnection.of(stream).arrived(bytes);
    }

    @Override
    public void onRoom(YamuxStream stream) {
        tellOfRoom(StreamConnection.of(stream));
    }

    @Override
    public void onEnd(YamuxStream stream) {
        StreamConnection.of(stream).inputEnded();
    }

    @Override
    public void onFinished(YamuxStream stream) {
        // Its connection has been told of the end, and has said its own.
    }

    @Override
    public void onFailed(YamuxStream stream, TransportException cause, boolean inputKept) {
        StreamConnection.of(stream).cut(cause, inputKept);
    }

    @Override
    public void onPong(long rttNanos) {
        pings.answered(Duration.ofNanos(rttNanos));
    }

    @Override
    public void onPingLost() {
        pings.failed(new TransportException(
                Reason.TIMEOUT,
                session + ": a ping was not answered within " + config.pingTimeout() + " (YamuxConfig.pingTimeout)"));
    }

    @Override
    public void onOutput() {
        if (turns == 0) {
            postFlush();
        }
    }

    // ---------------------------------------------------------------- the end

    @Override
    public void onEnded(TransportException cause) {
        over = cause;
        disarmTimer();
        pings.failed(cause);
        ended.complete(cause);
        if (turns == 0) {
            postFlush();
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        disarmTimer();
        outbox.clear();
        inSession(() -> session.abort(cause));
    }
}
