package dev.sluice.grpc.internal;

import dev.sluice.grpc.GrpcServerOptions;
import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
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
final class DrivenConnection implements ConnectionHandler {
    private static final int READ_BYTES = 64 << 10;
    /** Of what no window limits: header blocks, and answers to control frames. */
    private static final int MAX_WAITING_BYTES = 4 * OutboundCredit.MAX_WAITING_BYTES;
    /** How long a client that is sent away may take to read why. */
    private static final Duration GOAWAY_LIMIT = Duration.ofSeconds(1);
    /** How long a client may read nothing of what is left to be written. */
    private static final Duration STALL_LIMIT = Duration.ofSeconds(10);
    /** How long a client may take to read all of it. */
    private static final Duration CLOSE_LIMIT = Duration.ofMinutes(1);

    private static final System.Logger LOG = System.getLogger(DrivenConnection.class.getName());
    private static final LogLimiter SENT_AWAY = new LogLimiter(LOG, Level.INFO);
    private static final LogLimiter FAILURES = new LogLimiter(LOG, Level.ERROR);

    private final Connection connection;
    private final EventLoop loop;
    private final Consumer<Http2Breach> breaches;
    private final OutboundCredit credit = new OutboundCredit();
    private final InboundWindow window;
    private final FrameFeed feed;
    private final LoopOutput output;
    private final LoopSocket socket;
    private final KeepAlive keepAlive;
    private final Runnable run = this::run;

    /** Null until grpc-okhttp has taken the connection. */
    private OkHttpTransport transport;

    /** Null until the transport has begun. */
    private ClientFrames frames;
    /** A callback is under way, which ends with doing what became due. */
    private boolean busy;

    private boolean inputEnded;
    /** When all is written the connection ends. */
    private boolean closing;

    private boolean lingering;

    /** @param breaches told what the client did, if that ends its connection */
    DrivenConnection(
            Connection connection,
            GrpcServerOptions options,
            KeepAlive.Settings keepAlive,
            Consumer<Http2Breach> breaches) {
        FrameGuard guard = new FrameGuard(options.limits(), options.maxConcurrentCalls(), connection.loop()::nanoTime);
        this.window = new InboundWindow(options.flowControlWindowBytes());
        this.connection = connection;
        this.loop = connection.loop();
        this.breaches = breaches;
        this.feed = new FrameFeed(guard);
        this.output = new LoopOutput(connection, (length, type, flags, stream, value) -> {
            if (type == Http2Frames.DATA) {
                credit.used(length);
            } else if (type == Http2Frames.WINDOW_UPDATE && stream == 0) {
                window.renewed(value);
            }
            guard.sent(type, flags, stream, value);
        });
        this.socket = new LoopSocket(this, output);
        this.keepAlive = new KeepAlive(connection, keepAlive, this::send);
    }

    Connection connection() {
        return connection;
    }

    /** Returns the connection as grpc-okhttp is to see it. */
    ConnectionSocket socket() {
        return socket;
    }

    /**
     * Begins the transport.
     *
     * @param writer the transport's task, to be run now and after each {@link #execute}
     * @param whenEnded run when the transport has ended
     */
    void begin(Runnable writer, Runnable whenEnded) {
        OkHttpTransport taken = new OkHttpTransport(writer, whenEnded);
        if (!loop.post(
                () -> begin(taken))) { // the loop has ended, and closed the connection: the transport hears of it here
            taken.writeSoon();
            taken.endSoon();
            while (taken.isDue()) {
                taken.runDue();
            }
        }
    }

    private void begin(OkHttpTransport taken) {
        transport = taken;
        if (inputEnded) {
            transport.endSoon();
        }
        run();
        if (transport.hasBegun() && !inputEnded) {
            frames = new ClientFrames(transport.frames(), credit, window);
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
        PooledBuffer piece = loop.buffers().acquireUpTo(READ_BYTES);
        busy = true;
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
        } catch (IOException | Http2Violation e) {
            sendAway(Reason.PROTOCOL_ERROR, Http2Violation.codeOf(e), "breaks the rules of HTTP/2: " + e.getMessage());
        } catch (RuntimeException e) {
            FAILURES.log(connection + ": a transport of gRPC's, a filter or a tracer failed", e);
            sendAway(Reason.INTERNAL, Http2Frames.INTERNAL_ERROR, "the server failed");
        }
    }

    private void refuse(Http2Breach breach) {
        breaches.accept(breach);
        sendAway(Reason.LIMIT_EXCEEDED, Http2Frames.ENHANCE_YOUR_CALM, breach.text());
    }

    private void sendAway(Reason reason, int error, String why) {
        TransportException cause = new TransportException(
                reason, connection + ": sent away with " + Http2Frames.nameOf(error) + ": " + why);
        SENT_AWAY.log(cause.getMessage());
        endInput();
        try {
            output.endWith(Http2Frames.goAway(error, why));
        } catch (IOException e) {
            return; // that has closed the connection
        }
        Timeout limit = loop.schedule(GOAWAY_LIMIT, () -> connection.abort(cause));
        connection.whenClosed(closed -> limit.cancel());
    }

    private void endInput() {
        inputEnded = true;
        feed.discard();
        keepAlive.end();
        if (transport != null) {
            transport.endSoon();
        }
    }

    private boolean send(byte[] frame) {
        boolean inserted = insert(frame);
        settle();
        return inserted;
    }

    private boolean insert(byte[] frame) {
        try {
            return output.insert(frame);
        } catch (IOException e) {
            return true; // that has closed the connection
        }
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
            writeOut();
            while (transport != null && transport.isDue()) {
                transport.runDue();
                writeOut();
            }
            renewWindows();
            if (transport != null && transport.refusal().isPresent()) {
                connection.abort(new TransportException(
                        Reason.LIMIT_EXCEEDED,
                        connection + ": the executor of gRPC's server refuses calls",
                        transport.refusal().get()));
            }
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
        }
    }

    private void renewWindows() {
        if (frames == null || inputEnded) {
            return;
        }
        int forgotten = window.forgotten();
        if (forgotten > 0) {
            window.renewed(forgotten);
            insert(Http2Frames.windowUpdate(forgotten));
        }
        boolean scarce = loop.group().buffers().isUnderPressure();
        int most = scarce ? OutboundCredit.SCANT_BYTES : OutboundCredit.MAX_WAITING_BYTES;
        transport.work(() -> frames.passCredit(output.waitingBytes(), most));
        if (transport.isDue() || forgotten > 0) {
            loop.post(run); // other connections' turn
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
            if (connection.state() != ConnectionState.CLOSED) {
                Timeout limit =
                        loop.schedule(CLOSE_LIMIT, () -> cut("has not read in " + CLOSE_LIMIT.toSeconds() + " s"));
                connection.whenClosed(cause -> limit.cancel());
                cutIfStalled(connection.bytesOut());
            }
            settle();
        }
    }

    private void cutIfStalled(long written) {
        loop.schedule(STALL_LIMIT, () -> {
            if (connection.state() == ConnectionState.CLOSED) {
                return;
            }
            if (connection.bytesOut() == written) {
                cut("has read nothing for " + STALL_LIMIT.toSeconds() + " s of");
            } else {
                cutIfStalled(connection.bytesOut());
            }
        });
    }

    private void cut(String why) {
        connection.abort(
                new TransportException(Reason.TIMEOUT, connection + ": the client " + why + " what was left to write"));
    }

    /** Methods run on the server's executor; that it may be a direct one is not known here. */
    @Override
    public boolean usesThreads() {
        return true;
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        output.discard();
        endInput();
        boolean within = busy;
        busy = true; // what becomes due is done here: the loop may be about to end
        try {
            while (transport != null && transport.isDue() && !transport.isRunning()) {
                transport.runDue();
            }
        } finally {
            busy = within;
        }
    }
}
