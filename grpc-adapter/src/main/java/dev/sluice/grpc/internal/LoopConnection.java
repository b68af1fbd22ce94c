package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.grpc.Http2Limits;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.LogLimiter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A client's connection that needs no thread: its loop reads, feeds whole frames to grpc-okhttp's transport, and writes what that has to
 * write, all of a turn's at once.
 *
 * <p>Reading begins with the transport. What ends the connection ends the transport: the peer's end, a cut, a breach, keep-alive; and
 * when the transport closes its socket the connection ends once all is written.
 *
 * <p>Loop-confined, but for {@link #begin}, {@link #execute} and {@link #close}, which any thread may call.
 */
public final class LoopConnection implements ConnectionHandler {
    private static final int READ_BYTES = 64 << 10;
    /** Of what no window limits: header blocks, and answers to control frames. */
    private static final int MAX_WAITING_BYTES = 4 * OutboundCredit.MAX_WAITING_BYTES;
    /** How long a client that is sent away may take to read why. */
    private static final Duration GOAWAY_LIMIT = Duration.ofSeconds(1);
    /** How long a client may read nothing of what is left to be written. */
    private static final Duration STALL_LIMIT = Duration.ofSeconds(10);

    private static final LogLimiter ENDS = new LogLimiter(System.getLogger(LoopConnection.class.getName()), Level.INFO);

    private final Connection connection;
    private final EventLoop loop;
    private final Consumer<Http2Breach> breaches;
    private final OutboundCredit credit = new OutboundCredit();
    private final FrameFeed feed;
    private final LoopOutput output;
    private final LoopSocket socket;
    private final KeepAlive keepAlive;
    private final Runnable run = this::run;

    /** Null until grpc-okhttp has taken the connection. */
    private DrivenTransport transport;

    /** Null until the transport has begun. */
    private ClientFrames frames;
    /** A callback is under way, which ends with doing what became due. */
    private boolean busy;

    private boolean inputEnded;
    /** When all is written the connection ends. */
    private boolean closing;

    private boolean lingering;

    /** @param breaches told what the client did, if that ends its connection */
    public LoopConnection(
            Connection connection, Http2Limits limits, KeepAlive.Settings keepAlive, Consumer<Http2Breach> breaches) {
        FrameGuard guard = new FrameGuard(limits, connection.loop()::nanoTime);
        this.connection = connection;
        this.loop = connection.loop();
        this.breaches = breaches;
        this.feed = new FrameFeed(guard);
        this.output = new LoopOutput(connection, (length, type, flags, stream, code) -> {
            if (type == Http2Frames.DATA) {
                credit.used(length);
            }
            guard.sent(type, flags, code);
        });
        this.socket = new LoopSocket(this, output);
        this.keepAlive = new KeepAlive(connection, keepAlive, this::send);
    }

    Connection connection() {
        return connection;
    }

    /** Returns the connection as grpc-okhttp is to see it. */
    public ConnectionSocket socket() {
        return socket;
    }

    /**
     * Begins the transport.
     *
     * @param writer the transport's task, to be run now and after each {@link #execute}
     * @param whenEnded run when the transport has ended
     */
    void begin(Runnable writer, Runnable whenEnded) {
        DrivenTransport taken = new DrivenTransport(writer, whenEnded);
        if (!loop.post(() -> begin(taken))) {
            whenEnded.run();
        }
    }

    private void begin(DrivenTransport taken) {
        transport = taken;
        if (inputEnded) {
            transport.endSoon();
        }
        run();
        if (transport.hasBegun() && !inputEnded) {
            frames = new ClientFrames(transport.frames(), credit);
            keepAlive.begin();
            connection.resumeReading();
        }
    }

    /** The transport has something to write. */
    void execute() {
        if (loop.isInLoop() && busy) {
            transport.writeSoon();
        } else {
            loop.post(run); // a loop that has ended has closed the connection
        }
    }

    private void run() {
        transport.writeSoon();
        settle();
    }

    @Override
    public void onReadable(Connection connection) throws TransportException {
        if (frames == null && !inputEnded) {
            return; // the transport begins, and then reading goes on
        }
        busy = true;
        PooledBuffer piece = loop.buffers().acquireUpTo(READ_BYTES);
        try {
            int n = connection.read(piece.buffer());
            if (n < 0) {
                endInput();
            } else if (!inputEnded) {
                keepAlive.heard();
                receive(piece.buffer().flip());
            }
        } finally {
            piece.release();
            busy = false;
        }
        settle();
    }

    private void receive(ByteBuffer bytes) {
        try {
            Optional<Http2Breach> breach = feed.receive(bytes);
            if (breach.isPresent()) {
                refuse(breach.get());
            } else {
                transport.work(() -> feed.deliver(frames));
            }
        } catch (IOException | RuntimeException e) {
            sendAway(Http2Violation.codeOf(e), "breaks the rules of HTTP/2: " + e.getMessage());
        }
    }

    private void refuse(Http2Breach breach) {
        breaches.accept(breach);
        sendAway(Http2Frames.ENHANCE_YOUR_CALM, breach.text());
    }

    private void sendAway(int error, String why) {
        TransportException cause = new TransportException(
                Reason.PROTOCOL_ERROR, connection + ": sent away with GOAWAY " + error + ": " + why);
        ENDS.log(cause.getMessage());
        endInput();
        try {
            output.endWith(Http2Frames.goAway(error, why));
        } catch (IOException e) {
            return; // that has closed the connection
        }
        loop.schedule(GOAWAY_LIMIT, () -> connection.abort(cause));
    }

    private void endInput() {
        inputEnded = true;
        feed.discard();
        keepAlive.end();
        if (transport != null) {
            transport.endSoon();
        }
    }

    private void send(byte[] frame) {
        try {
            output.insert(frame);
        } catch (IOException e) {
            return; // that has closed the connection
        }
        settle();
    }

    @Override
    public void onWritable(Connection connection) {
        settle();
    }

    /** Does what is due, then writes. */
    private void settle() {
        if (busy) {
            return;
        }
        busy = true;
        try {
            if (transport != null) {
                transport.runDue();
            }
            writeOut();
        } finally {
            busy = false;
        }
    }

    private void writeOut() {
        try {
            output.writeOut();
        } catch (TransportException e) {
            return; // onClosed was told
        }
        if (output.waitingBytes() > MAX_WAITING_BYTES) {
            breaches.accept(Http2Breach.UNREAD_ANSWERS);
            connection.abort(new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    connection + ": the client leaves more than " + MAX_WAITING_BYTES + " bytes unread"));
        } else if (closing && output.waitingBytes() == 0) {
            output.discard();
            if (!lingering) {
                lingering = true;
                LingeringClose.start(connection);
            }
        } else if (frames != null && !inputEnded) {
            transport.work(() -> frames.passCredit(output.waitingBytes()));
            if (transport.isDue()) {
                loop.post(run); // other connections' turn
            }
        }
    }

    /** Closes the connection once all is written; called by another thread than the loop, as when its patience is over, at once. */
    void close() {
        if (!loop.isInLoop()) {
            loop.post(() -> connection.abort(new TransportException(Reason.CLOSED, connection + ": closed by gRPC")));
            return;
        }
        if (!closing) {
            closing = true;
            endInput();
            cutIfStalled(connection.progress());
            settle();
        }
    }

    private void cutIfStalled(long progress) {
        loop.schedule(STALL_LIMIT, () -> {
            if (connection.progress() != progress) {
                cutIfStalled(connection.progress());
            } else {
                connection.abort(new TransportException(
                        Reason.TIMEOUT,
                        connection + ": the client has read nothing for " + STALL_LIMIT
                                + " of what was left to write"));
            }
        });
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        output.discard();
        endInput();
        boolean within = busy;
        busy = true; // what becomes due is done here: the loop may be about to end
        try {
            if (transport != null) {
                transport.runDue();
            }
        } finally {
            busy = within;
        }
    }
}
