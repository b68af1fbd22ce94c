package dev.sluice.tls.internal;

import dev.sluice.tls.TlsFailure;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * Drives an {@link SSLEngine}: ciphertext to plaintext and back. It does no I/O, runs no task and keeps no bytes; each call does all
 * that its buffers allow and says what is needed next.
 *
 * <p><b>Threading:</b> one thread unwraps and one wraps at a time, which may be different ones. While a task runs, an engine may make
 * all its other callers wait, so nobody calls it then; {@link #release} does not.
 */
final class EngineDriver {
    private static final Logger LOG = System.getLogger(EngineDriver.class.getName());

    /** What has to happen before the driver can go on. */
    enum Step {
        /** All that was given is done. */
        DONE,
        /** More ciphertext has to come. */
        NEED_INPUT,
        /** The buffer for the result has no room for another record. */
        NEED_ROOM,
        /** The engine has something to tell the peer: {@link #wrap}. */
        NEED_WRAP,
        /** The engine has work that takes long: {@link #runTasks}. */
        NEED_TASK,
        /** The direction has ended, by {@code close_notify}. */
        ENDED
    }

    /** Calls in a row in which an engine may do nothing, before it counts as broken. Some need two. */
    private static final int MAX_IDLE_CALLS = 8;

    /** Records without data that are read while what the engine has to say waits: far more than one request for new keys. */
    private static final int MAX_UNANSWERED = 64;

    /** Set in {@link #taskThreads} once the engine is to be freed. */
    private static final int RELEASED = 1 << 30;

    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final SSLEngine engine;
    private volatile boolean established;
    private volatile boolean tls12;
    private volatile boolean inputEnded;
    /** Null before the handshake is over. */
    private volatile SSLSession agreed;
    /** Threads within {@link #runTasks}, and {@link #RELEASED}: who comes last frees the engine. */
    private final AtomicInteger taskThreads = new AtomicInteger();

    private final ReentrantLock tasks = new ReentrantLock();
    /** Records without data since the engine last said something. */
    private final AtomicInteger unanswered = new AtomicInteger();
    /** Calls in a row that did nothing, for each direction; the thread of that direction's. */
    private int idleUnwraps;

    /** The unwrapping thread's. */
    private final ByteBuffer[] intoOne = new ByteBuffer[1];

    private int idleWraps;
    /** Times in a row that the engine wanted a task done and had none. */
    private volatile int missingTasks;

    EngineDriver(SSLEngine engine) {
        this.engine = Objects.requireNonNull(engine, "engine");
    }

    SSLEngine engine() {
        return engine;
    }

    /** Returns whether the handshake is over. */
    boolean isEstablished() {
        return established;
    }

    /** Returns whether the peer's {@code close_notify} came. */
    boolean isInputEnded() {
        return inputEnded;
    }

    /** Returns what was agreed upon. Any thread; does not wait for the engine once the handshake is over. */
    SSLSession session() {
        SSLSession session = agreed;
        return session == null ? engine.getSession() : session;
    }

    /** Returns the most that one record becomes. */
    int maxPlaintextBytes() {
        return session().getApplicationBufferSize();
    }

    /** Returns the most that one record takes on the wire. */
    int maxRecordBytes() {
        return session().getPacketBufferSize();
    }

    void beginHandshake() throws SSLException {
        engine.beginHandshake();
    }

    /** Returns the length of the complete record at the head of {@code net}, or 0. */
    int completeRecord(ByteBuffer net) throws SSLException {
        return RecordCheck.completeLength(net, tls12);
    }

    /**
     * Turns complete records into plaintext until one of the buffers or the engine stops it. Returns {@link Step#DONE} where the
     * handshake ends: what follows belongs to somebody else.
     */
    Step unwrap(ByteBuffer net, ByteBuffer plain) throws SSLException {
        return unwrap(net, plain, false);
    }

    /**
     * As {@link #unwrap(ByteBuffer, ByteBuffer)}, but goes on although the engine has something to say for which there is no room: the
     * peer may make none before it has got rid of what it writes itself.
     */
    Step unwrapBeforeWrap(ByteBuffer net, ByteBuffer plain) throws SSLException {
        return unwrap(net, plain, established);
    }

    private Step unwrap(ByteBuffer net, ByteBuffer plain, boolean beforeWrap) throws SSLException {
        while (true) {
            if (inputEnded) {
                return Step.ENDED;
            }
            HandshakeStatus wants = engine.getHandshakeStatus();
            if (wants == HandshakeStatus.NEED_TASK) {
                requireProgress(missingTasks);
                return Step.NEED_TASK;
            }
            boolean unsaid = wants == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone();
            if (unsaid && !beforeWrap) {
                return Step.NEED_WRAP;
            }
            if (noticeEstablished(wants)) {
                return Step.DONE;
            }
            int record = completeRecord(net);
            if (record == 0 && wants != HandshakeStatus.NEED_UNWRAP_AGAIN) {
                return Step.NEED_INPUT;
            }
            if (established && plain.remaining() < Math.min(record, maxPlaintextBytes())) {
                return Step.NEED_ROOM; // some engines would give what fits and keep the rest, where nobody sees it
            }
            SSLEngineResult result = unwrapOnce(net, plain);
            idleUnwraps = isIdle(result) && !unsaid ? idleUnwraps + 1 : 0;
            if (result.getStatus() != Status.OK) {
                if (result.getStatus() == Status.CLOSED) {
                    noticeInputEnd(result.bytesConsumed() > 0);
                } else {
                    requireProgress(idleUnwraps);
                }
                return stopped(result.getStatus());
            }
            if (unsaid && isIdle(result)) {
                return Step.NEED_WRAP; // this engine insists
            }
            if (unsaid && result.bytesProduced() == 0) {
                requirePatience();
            }
            requireProgress(idleUnwraps);
            if (noticeEstablished(result.getHandshakeStatus())) {
                return Step.DONE;
            }
        }
    }

    /**
     * Turns plaintext into records until it is all taken or {@code net} is full; with none, what the engine itself has to say.
     */
    Step wrap(ByteBuffer[] plain, int offset, int length, ByteBuffer net) throws SSLException {
        while (true) {
            if (engine.isOutboundDone()) {
                return Step.ENDED;
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                requireProgress(missingTasks);
                return Step.NEED_TASK;
            }
            if (net.remaining() < maxRecordBytes()) {
                return Step.NEED_ROOM;
            }
            SSLEngineResult result = wrapOnce(plain, offset, length, net);
            idleWraps = isIdle(result) ? idleWraps + 1 : 0;
            if (result.getStatus() != Status.CLOSED) {
                requireProgress(idleWraps);
            }
            if (result.getStatus() != Status.OK) {
                return stopped(result.getStatus());
            }
            unanswered.set(0);
            noticeEstablished(result.getHandshakeStatus());
            HandshakeStatus wants = engine.getHandshakeStatus();
            if (wants == HandshakeStatus.NEED_UNWRAP) {
                return Step.NEED_INPUT;
            }
            if (wants != HandshakeStatus.NEED_WRAP && !anyRemaining(plain, offset, length)) {
                return Step.DONE;
            }
        }
    }

    /** As {@link #wrap(ByteBuffer[], int, int, ByteBuffer)}, without plaintext. */
    Step wrap(ByteBuffer net) throws SSLException {
        return wrap(NOTHING, 0, 1, net);
    }

    /** Returns whether the engine has something to tell the peer. */
    boolean needsWrap() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone();
    }

    /**
     * Does the engine's slow work: signatures, key agreement, looking at certificates; none of it once the engine is released. Not on
     * a loop. Others who come meanwhile wait.
     */
    void runTasks() {
        taskThreads.getAndIncrement();
        tasks.lock();
        try {
            boolean any = false;
            Runnable task = nextTask();
            while (task != null) {
                any = true;
                task.run();
                task = nextTask();
            }
            missingTasks = any ? 0 : missingTasks + 1;
        } finally {
            tasks.unlock();
            if (taskThreads.decrementAndGet() == RELEASED) {
                free();
            }
        }
    }

    private Runnable nextTask() {
        return isReleased() ? null : engine.getDelegatedTask();
    }

    private boolean isReleased() {
        return taskThreads.get() >= RELEASED;
    }

    /** Makes the next {@link #wrap} say {@code close_notify}. */
    void endOutput() {
        engine.closeOutbound();
    }

    /**
     * Frees what the engine holds; if a task runs, its thread does so after it, for the engine would make this one wait. The peer is not
     * told, and who still unwraps is told that this is not the peer's end.
     */
    void release() {
        if (taskThreads.getAndUpdate(n -> n | RELEASED) == 0) {
            free();
        }
    }

    private void free() {
        engine.closeOutbound();
        try {
            engine.closeInbound();
        } catch (SSLException e) {
            LOG.log(Level.TRACE, "released before the peer's close_notify came", e);
        }
    }

    /** With an array that is kept: engines make one for each call without. */
    private SSLEngineResult unwrapOnce(ByteBuffer net, ByteBuffer plain) throws SSLException {
        intoOne[0] = plain;
        try {
            return engine.unwrap(net, intoOne, 0, 1);
        } catch (Exception e) {
            throw declared(e);
        } finally {
            intoOne[0] = null;
        }
    }

    private SSLEngineResult wrapOnce(ByteBuffer[] plain, int offset, int length, ByteBuffer net) throws SSLException {
        try {
            return engine.wrap(plain, offset, length, net);
        } catch (Exception e) {
            throw declared(e);
        }
    }

    /** Conscrypt throws what a trust manager threw, a CertificateException, through native code: undeclared. */
    private static SSLException declared(Exception failure) throws SSLException {
        if (failure instanceof SSLException declared) {
            return declared;
        }
        if (failure instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        return new SSLException(String.valueOf(failure.getMessage()), failure);
    }

    /** @param heard whether the engine took something from the peer: some close themselves when this side ends its output */
    private void noticeInputEnd(boolean heard) throws SSLException {
        if (isReleased()) {
            throw new SSLException("closed meanwhile");
        }
        if (!established) {
            throw new SSLException("the peer ended the session (close_notify) before the handshake was over");
        }
        if (!heard) {
            throw new TlsProtocolException(
                    TlsFailure.TRUNCATED,
                    "the TLS engine reads no more since this side ended its output, so what the peer still says is lost;"
                            + " another provider has half-close (TlsBuilder.provider)");
        }
        inputEnded = true;
    }

    /** Returns whether that was the end of the handshake. */
    private boolean noticeEstablished(HandshakeStatus status) {
        boolean over = status == HandshakeStatus.FINISHED || status == HandshakeStatus.NOT_HANDSHAKING;
        if (established || !over) {
            return false;
        }
        SSLSession session = engine.getSession();
        tls12 = session.getProtocol().equals("TLSv1.2");
        agreed = session;
        established = true;
        return true;
    }

    /** Each may be a request for new keys, and the engine keeps an answer to each. */
    private void requirePatience() throws SSLException {
        if (unanswered.incrementAndGet() > MAX_UNANSWERED) {
            throw new TlsProtocolException(
                    TlsFailure.MALFORMED,
                    "the peer sent more than " + MAX_UNANSWERED
                            + " records without data, and does not read what this side has to say to them");
        }
    }

    private static Step stopped(Status status) {
        return switch (status) {
            case BUFFER_UNDERFLOW -> Step.NEED_INPUT;
            case BUFFER_OVERFLOW -> Step.NEED_ROOM;
            case CLOSED -> Step.ENDED;
            case OK -> Step.DONE;
        };
    }

    private static boolean isIdle(SSLEngineResult result) {
        return result.bytesConsumed() == 0 && result.bytesProduced() == 0;
    }

    private static void requireProgress(int idleCalls) throws SSLException {
        if (idleCalls > MAX_IDLE_CALLS) {
            throw new SSLException("the TLS engine makes no progress");
        }
    }

    private static boolean anyRemaining(ByteBuffer[] buffers, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (buffers[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }
}
