package dev.sluice.tls.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractConnection;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * A connection whose bytes travel in TLS records over another one. Small writes of one turn of the loop are collected and become one
 * record; everything else goes straight through the engine.
 */
public final class TlsConnection extends AbstractConnection {
    private static final Logger LOG = System.getLogger(TlsConnection.class.getName());

    /** Writes up to this are collected: copying them costs less than a record and a system call each. */
    private static final int SMALL_WRITE_BYTES = 2 << 10;
    /** Collected at most; one record. */
    private static final int COLLECTED_BYTES = 16 << 10;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private enum Output {
        /** Carries bytes. */
        OPEN,
        /** The handler has ended it; what was collected is still to be written. */
        ENDING,
        /** {@code close_notify} is made; the connection below has not yet taken all. */
        NOTIFIED,
        /** All of it is with the connection below, whose output has ended too. */
        ENDED
    }

    private final Connection below;
    private final RecordLayer records;
    private final EngineSetup setup;
    private final Runnable writeCollectedTask = this::goOn;
    private final Runnable resumeBelowTask = this::resumeBelow;
    private final ByteBuffer[] one = new ByteBuffer[1];
    private final ByteBuffer[] ofCollected = new ByteBuffer[1];

    /** Small writes of this turn, ready to be added to. */
    private PooledBuffer collected;

    private Output output = Output.OPEN;
    private boolean readWanted;
    private boolean writeWanted;
    private boolean alertOwed;
    /** The blocking view, once there is one. */
    private TlsByteStream view;

    /** Creates the connection above {@code below}, whose handler it becomes by {@link #start}. */
    TlsConnection(Connection below, RecordLayer records, EngineSetup setup, Endpoint local, Endpoint remote) {
        super(below.loop(), local, remote);
        this.below = below;
        this.records = records;
        this.setup = setup;
    }

    /** Takes over the connection below and opens this one. */
    void start(Supplier<ConnectionHandler> first) {
        records.goOnWith(this::goOn);
        below.handler(new Below());
        below.whenClosed(this::endedBelow);
        open(first.get());
    }

    /** Returns the engine, for questions about the session. Thread-safe as its sessions are. */
    public SSLEngine engine() {
        return records.driver().engine();
    }

    /** Returns what was agreed upon. Any thread. */
    public TlsInfo info() {
        SSLSession session = records.driver().session();
        String application = engine().getApplicationProtocol();
        return new TlsInfo(
                session.getProtocol(),
                session.getCipherSuite(),
                application == null || application.isEmpty() ? Optional.empty() : Optional.of(application),
                serverName(session),
                peerCertificates(session));
    }

    private static Optional<String> serverName(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        try {
            return extended.getRequestedServerNames().stream()
                    .filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .findFirst();
        } catch (UnsupportedOperationException e) {
            return Optional.empty(); // not every provider tells
        }
    }

    private static List<X509Certificate> peerCertificates(SSLSession session) {
        try {
            return Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // it showed none
        }
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        return below.peerCredentials();
    }

    @Override
    public Optional<SSLSession> tlsSession() {
        return Optional.of(records.driver().session());
    }

    // ---------------------------------------------------------------- in

    @Override
    protected int readSome(ByteBuffer dst) throws IOException {
        try {
            int n = records.read(dst);
            if (n == 0 && readWanted && !records.isStuck()) {
                below.resumeReading(); // it pauses by itself while what is held here satisfies the reader
            }
            return n;
        } catch (SSLException e) {
            throw engineFailed("read", e);
        }
    }

    /** An engine that failed has an alert for the peer. One that was spared a bad record has not, and would say an orderly end. */
    private TransportException engineFailed(String what, SSLException failure) {
        alertOwed = !(failure instanceof TlsProtocolException);
        return Failures.describe(this + ": " + what, failure);
    }

    /** The view has said its last, which an abortive close could take from the peer, and closes the connection below by itself. */
    void failedAfterFarewell(TransportException why) {
        alertOwed = true;
        abort(why);
    }

    @Override
    protected void readInterest(boolean wanted) {
        readWanted = wanted;
        if (below.state() == ConnectionState.CLOSED) {
            return;
        }
        if (wanted) {
            below.resumeReading();
        } else {
            below.pauseReading();
        }
    }

    @Override
    protected boolean hasBufferedInput() {
        return records.hasInput();
    }

    // ---------------------------------------------------------------- out

    @Override
    protected int writeSome(ByteBuffer src) throws IOException {
        int wanted = src.remaining();
        if (wanted <= SMALL_WRITE_BYTES && collect(src)) {
            return wanted;
        }
        one[0] = src;
        return (int) writeSome(one, 0, 1);
    }

    @Override
    protected long writeSome(ByteBuffer[] srcs, int offset, int length) throws IOException {
        try {
            return flushCollected() ? records.write(srcs, offset, length) : 0;
        } catch (SSLException e) {
            throw engineFailed("write", e);
        }
    }

    /** Returns whether all of {@code src} was taken, to be written at the end of this turn. */
    private boolean collect(ByteBuffer src) throws TransportException {
        if (collected == null) {
            if (!records.canWrite()) {
                return false;
            }
            collected = loop().buffers().acquire(COLLECTED_BYTES);
            loop().post(writeCollectedTask);
        }
        if (collected.buffer().remaining() < src.remaining()) {
            return false;
        }
        collected.buffer().put(src);
        return true;
    }

    /** Returns whether nothing collected is left. */
    private boolean flushCollected() throws IOException {
        if (collected == null) {
            return true;
        }
        ByteBuffer bytes = collected.buffer();
        ofCollected[0] = bytes.flip();
        records.write(ofCollected, 0, 1);
        bytes.compact();
        if (bytes.position() > 0) {
            return false;
        }
        dropCollected();
        return true;
    }

    private void dropCollected() {
        if (collected != null) {
            PooledBuffer dropped = collected;
            collected = null;
            dropped.release();
        }
    }

    @Override
    protected void writeInterest() {
        writeWanted = true;
    }

    @Override
    protected void endOutput() throws IOException {
        output = Output.ENDING;
        try {
            advanceOutput();
        } catch (SSLException e) {
            throw engineFailed("end output", e);
        }
    }

    /** Returns whether everything written so far is with the connection below. */
    private boolean advanceOutput() throws IOException {
        if (records.isBusy() || !records.flush() || !flushCollected() || !records.flush()) {
            return false;
        }
        if (output == Output.ENDING || output == Output.NOTIFIED) {
            sayEnd();
        }
        return output == Output.OPEN || output == Output.ENDED;
    }

    private void sayEnd() throws IOException {
        try {
            if (output == Output.ENDING) {
                output = Output.NOTIFIED;
                records.endOutput();
            }
            if (records.flush()) {
                output = Output.ENDED;
                below.shutdownOutput();
            }
        } catch (TransportException e) {
            if (!isAllSaidAndHeard()) {
                throw e;
            }
            output = Output.ENDED;
            LOG.log(Level.DEBUG, this + ": the peer left before it was told the end", e);
        }
    }

    /** Returns whether only {@code close_notify} is on its way, to a peer that has said its own: nobody need read it any more. */
    private boolean isAllSaidAndHeard() {
        boolean said = view == null ? output == Output.NOTIFIED || output == Output.ENDED : view.hasSaidEnd();
        return said && records.driver().isInputEnded();
    }

    // ---------------------------------------------------------------- below

    /** Returns whether there is plaintext, or its end. */
    private boolean prefetch() {
        try {
            records.prefetch();
        } catch (SSLException e) {
            failed("read", engineFailed("read", e));
            return false;
        } catch (IOException e) {
            failed("read", e);
            return false;
        }
        return records.hasInput();
    }

    /** The connection below pauses when its handler returns without reading, as ours may have when it was replaced. */
    private void resumeBelow() {
        if (readWanted && below.state() != ConnectionState.CLOSED && view == null && !records.isStuck()) {
            below.resumeReading();
        }
    }

    /** There is room below, or the engine's slow work is done, or the turn that collected small writes is over. */
    private void goOn() {
        if (state() == ConnectionState.CLOSED || view != null) {
            return;
        }
        try {
            if (advanceOutput() && writeWanted && records.canWrite()) {
                writeWanted = false;
                writable();
            }
        } catch (SSLException e) {
            failed("write", engineFailed("write", e));
            return;
        } catch (IOException | RuntimeException e) {
            failed("write", e);
            return;
        }
        if (readWanted && state() != ConnectionState.CLOSED && !records.isStuck()) {
            below.resumeReading();
            if (records.hasInput()) {
                readable();
            }
        }
    }

    private final class Below implements ConnectionHandler {
        @Override
        public void onReadable(Connection c) throws IOException {
            if (!records.hasCarriedPlaintext() && !prefetch()) {
                return; // it was a session ticket: nothing that the handler should be called for
            }
            records.expectRead();
            readable();
            if (readWanted && !records.hasReadBelow()) {
                loop().post(resumeBelowTask);
            }
        }

        @Override
        public void onWritable(Connection c) {
            goOn();
        }

        @Override
        public boolean usesThreads() {
            return TlsConnection.this.usesThreads();
        }

        @Override
        public void onClosed(Connection c, TransportException cause) {
            // endedBelow() is told, also while another handler is attached.
        }
    }

    private void endedBelow(TransportException cause) {
        if (cause.reason() == Reason.CLOSED) {
            close();
        } else if (!(isAllSaidAndHeard() && hasPeerLeft(cause))) {
            abort(cause);
        } // else its owner, who may still have something to read, closes it
    }

    private static boolean hasPeerLeft(TransportException cause) {
        return cause.reason() == Reason.RESET || cause.reason() == Reason.IO_ERROR;
    }

    @Override
    protected void release(boolean abortive) {
        closeCause().filter(TlsConnection::isTlsFailure).ifPresent(setup.metrics()::failed);
        if (below.state() == ConnectionState.CLOSED) {
            records.release();
        } else if (view != null) {
            endView(abortive);
            return;
        } else if (abortive && !alertOwed) {
            records.release();
            closeBelow(true);
        } else {
            ByteBuffer last = collected == null ? NOTHING : collected.buffer().flip();
            below.handler(new Farewell(records.farewell(last)));
        }
        dropCollected();
        records.driver().release();
    }

    /** What the connection below fails with is not TLS's failure, but an end without {@code close_notify} is. */
    private static boolean isTlsFailure(TransportException cause) {
        return cause.reason() == Reason.TRUNCATED || cause.getCause() instanceof SSLException;
    }

    private void closeBelow(boolean abortive) {
        if (abortive) {
            below.abort(closeCause().orElseThrow());
        } else {
            below.close();
        }
    }

    // ---------------------------------------------------------------- threads

    @Override
    protected ByteStream newByteStream() throws IOException {
        if (loop().isInLoop()) {
            return viewOnLoop();
        }
        AwaitedByteStream awaited = new AwaitedByteStream(this);
        if (!loop().post(() -> giveView(awaited))) {
            throw closeCause().orElseThrow();
        }
        return awaited;
    }

    private void giveView(AwaitedByteStream awaited) {
        if (state() == ConnectionState.CLOSED) {
            awaited.refuse(closeCause().orElseThrow());
        } else if (!awaited.isGivenUp()) { // else it closes this in a moment
            try {
                awaited.give(viewOnLoop());
            } catch (IOException | RuntimeException e) {
                failed("take the blocking view", e);
                awaited.refuse(closeCause().orElseThrow());
            }
        }
    }

    /**
     * Threads do all by themselves once everything written before is with the connection below. If there is no room for it,
     * the loop goes on moving the bytes: to wait for room with neither reading nor writing could be for ever.
     */
    private ByteStream viewOnLoop() throws IOException {
        if (!advanceOutput()) {
            return super.newByteStream();
        }
        ByteStream bytesBelow = below.blocking();
        TlsByteStream.Rest rest =
                new TlsByteStream.Rest(takeUnread(), records.takePlain(), records.takeInput(), output == Output.ENDED);
        view = new TlsByteStream(this, records.driver(), setup.nets(), bytesBelow, rest);
        handOver(view);
        return view;
    }

    /** Closed on the loop, which must not wait until there is room for {@code close_notify}. */
    private void endView(boolean abortive) {
        below.whenClosed(cause -> records.driver().release());
        if (abortive) {
            if (!alertOwed) { // else the view closes it in order
                below.abort(closeCause().orElseThrow());
            }
            return;
        }
        if (!view.beginClose()) {
            return; // by a thread, which has set the limit
        }
        limitClosing();
        try {
            TaskThreads.closing().execute(view::end);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, this + ": too many close at once; this one without close_notify", e);
            below.close();
        }
    }

    /** The view closes: a peer that does not read keeps it no longer than this. */
    void limitClosing() {
        if (below.state() == ConnectionState.CLOSED) {
            close(); // nobody else will: see endedBelow()
            return;
        }
        Timeout limit = loop().schedule(CLOSE_LIMIT, this::closedTooLong);
        below.whenClosed(cause -> limit.cancel());
    }

    private void closedTooLong() {
        TransportException late = new TransportException(
                Reason.TIMEOUT,
                this + ": closed, but the peer did not read the rest within " + CLOSE_LIMIT.toSeconds() + " s");
        abort(late);
        below.abort(late); // this may have been closed before it
    }
}
