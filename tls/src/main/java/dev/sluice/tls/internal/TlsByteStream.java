package dev.sluice.tls.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import dev.sluice.tls.internal.EngineDriver.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;

/**
 * The blocking view of a TLS connection, over the blocking view of the one below: the calling thread does the cryptography itself
 * and then enters the kernel, so streams do not wait for one another on a loop.
 */
final class TlsByteStream extends AbstractByteStream implements ConnectionHandler {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** A reader that has found little waits with this much room. */
    private static final int LITTLE_BYTES = BufferPool.SCANT_BYTES;
    /** A reader that has found a lot has this much room for more: what one system call moves. */
    private static final int MANY_BYTES = 64 << 10;
    /** How much more room there is than was needed last. */
    private static final int GROWTH = 4;

    private static final int LONGEST_RECORD = RecordCheck.HEADER_BYTES + RecordCheck.MAX_FRAGMENT_BYTES_TLS12;

    private final TlsConnection tls;
    private final EngineDriver driver;
    private final NetworkBuffers nets;
    private final ByteStream below;
    private final AtomicBoolean closeRequested = new AtomicBoolean();
    private volatile boolean abortRequested;
    private volatile boolean closed;
    /** Whether nothing but {@code close_notify} is left to be written. */
    private volatile boolean endSaid;

    /** Guards what follows; the reader holds it while it waits below. */
    private final ReentrantLock reading = new ReentrantLock();

    private final Held plain;
    private final Held input;
    private final Unwrapping unwrapping;
    /** What a protocol on the loop had put back. */
    private final ByteBuffer unread;

    private int expectedBytes = LITTLE_BYTES;

    /** Guards what follows; the writer holds it while it waits below. */
    private final ReentrantLock writing = new ReentrantLock();

    private final ByteBuffer[] one = new ByteBuffer[1];
    private boolean outputEnded;

    /**
     * What the loop had when it let go; all that was written is with the connection below.
     *
     * @param unread what a protocol had put back
     * @param plain plaintext that nobody has read yet
     * @param input part of a record, or records that nobody needed yet
     * @param outputEnded whether the end was said, too
     */
    record Rest(ByteBuffer unread, Held plain, Held input, boolean outputEnded) {}

    TlsByteStream(TlsConnection tls, EngineDriver driver, NetworkBuffers nets, ByteStream below, Rest rest) {
        super(tls);
        this.tls = tls;
        this.driver = driver;
        this.nets = nets;
        this.below = below;
        unread = rest.unread();
        plain = rest.plain();
        input = rest.input();
        unwrapping = new Unwrapping(driver, plain, this::acquire);
        outputEnded = rest.outputEnded();
        endSaid = outputEnded;
    }

    /** Returns whether all is written but {@code close_notify}, which may be. */
    boolean hasSaidEnd() {
        return endSaid;
    }

    private PooledBuffer acquire(int bytes) throws TransportException {
        return tls.loop().group().buffers().acquire(bytes);
    }

    private void requireOpen() throws TransportException {
        requireNotOnLoop();
        if (closeRequested.get() || closed) {
            throw ended();
        }
    }

    // ---------------------------------------------------------------- in

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        requireOpen();
        if (!dst.hasRemaining()) {
            return 0;
        }
        reading.lock();
        try {
            if (unread.hasRemaining()) {
                return readUnread(dst); // counted when it was read for the first time
            }
            int n = plain.moveTo(dst);
            if (n == 0) {
                n = readRecords(dst);
            }
            if (n > 0) {
                tls.movedIn(n);
            }
            return n;
        } catch (IOException | RuntimeException e) {
            throw broken("read", e);
        } finally {
            reading.unlock();
            if (closed) {
                releaseHeld();
            }
        }
    }

    private int readUnread(ByteBuffer dst) {
        int n = Math.min(unread.remaining(), dst.remaining());
        dst.put(unread.slice(unread.position(), n));
        unread.position(unread.position() + n);
        return n;
    }

    private int readRecords(ByteBuffer dst) throws IOException {
        int begin = dst.position();
        boolean beforeWrap = false;
        while (true) {
            Step step = unwrap(dst, beforeWrap);
            if (dst.position() > begin) {
                return dst.position() - begin;
            }
            boolean mayOvertake = step == Step.NEED_WRAP && !beforeWrap;
            beforeWrap = mayOvertake && !answer();
            switch (step) {
                case NEED_INPUT -> fill(dst);
                case NEED_WRAP -> {
                    if (!mayOvertake) {
                        answerAfterWriter();
                    }
                }
                case NEED_TASK -> driver.runTasks();
                case ENDED -> {
                    return -1;
                }
                case DONE, NEED_ROOM -> {
                    // The handshake is over long ago: something to go on after.
                }
            }
        }
    }

    /** Borrows a scratch buffer, which engines are fastest with, while there are records to turn into plaintext: never to wait. */
    private Step unwrap(ByteBuffer dst, boolean beforeWrap) throws IOException {
        if (input.isEmpty() || driver.completeRecord(input.bytes()) == 0) {
            return unwrapping.unwrap(NOTHING, dst, beforeWrap);
        }
        ByteBuffer net = nets.acquire();
        try {
            input.moveTo(net);
            return unwrapping.unwrap(net.flip(), dst, beforeWrap);
        } finally {
            input.hold(net, this::acquire);
            nets.release(net);
        }
    }

    /** Waits for input, with little room unless much came before: most of those who wait do so for long. */
    private void fill(ByteBuffer dst) throws IOException {
        int held = input.isEmpty() ? 0 : input.bytes().remaining();
        int missing = held == 0 ? 0 : RecordCheck.missingBytes(input.bytes());
        int n;
        ByteBuffer room = input.roomFor(Math.max(missing, wantedBytes(dst) - held), this::acquire);
        try {
            n = below.read(room);
        } finally {
            input.filled();
        }
        if (n < 0) {
            throw new TransportException(
                    Reason.TRUNCATED,
                    below.connection() + ": ended without close_notify, so what came may be cut short");
        }
        expectedBytes = Math.min(Math.max(n * GROWTH, LITTLE_BYTES), MANY_BYTES);
    }

    private int wantedBytes(ByteBuffer dst) {
        return tls.loop().group().buffers().isUnderPressure()
                ? LITTLE_BYTES
                : Math.min(expectedBytes, Math.max(LONGEST_RECORD, dst.remaining()));
    }

    /**
     * Says what the engine has to say. Returns false if a writer is at it, who says it before its next record: to wait for one that is
     * stuck because the peer wants to be read first would be a deadlock.
     */
    private boolean answer() throws IOException {
        if (!writing.tryLock()) {
            return false;
        }
        try {
            sayUnsaid();
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** For engines that read nothing before they have said what they have to say. */
    private void answerAfterWriter() throws IOException {
        writing.lock();
        try {
            sayUnsaid();
        } finally {
            writing.unlock();
        }
    }

    /** A writer may have said it meanwhile, and ended the output with it. */
    private void sayUnsaid() throws IOException {
        if (driver.needsWrap()) {
            send(NOTHING);
        }
    }

    // ---------------------------------------------------------------- out

    @Override
    public int write(ByteBuffer src) throws TransportException {
        requireOpen();
        int wanted = src.remaining();
        writing.lock();
        try {
            requireOutput();
            if (wanted > 0) {
                send(src);
            }
            return wanted;
        } catch (IOException e) {
            throw broken("write", e);
        } finally {
            writing.unlock();
        }
    }

    private void requireOutput() throws TransportException {
        if (outputEnded && closeRequested.get()) {
            throw ended(); // by close(), while this caller waited for its turn
        }
        if (outputEnded) {
            throw new IllegalStateException(tls + ": write after this side ended its output");
        }
    }

    /** Writes all of {@code src}, and before it whatever else has to be said. */
    private void send(ByteBuffer src) throws IOException {
        one[0] = src;
        ByteBuffer net = nets.acquire();
        try {
            do {
                net.clear();
                int before = src.remaining();
                Step step = driver.wrap(one, 0, 1, net);
                below.write(net.flip());
                if (src.remaining() < before) {
                    tls.movedOut(before - src.remaining());
                }
                if (step == Step.NEED_TASK) {
                    driver.runTasks();
                } else if (step == Step.NEED_INPUT && src.hasRemaining()) {
                    throw new SSLException("the TLS engine wants to read before it writes, after the handshake");
                } else if (step == Step.ENDED && src.hasRemaining()) {
                    throw new TransportException(
                            Reason.CLOSED,
                            tls + ": the peer has ended the TLS session, and this version has no half-close");
                }
            } while (src.hasRemaining());
        } finally {
            one[0] = NOTHING;
            nets.release(net);
        }
    }

    @Override
    public void shutdownOutput() throws TransportException {
        requireOpen();
        writing.lock();
        try {
            if (!outputEnded) {
                outputEnded = true;
                sayEndOf();
            }
        } catch (IOException e) {
            throw broken("end output", e);
        } finally {
            writing.unlock();
        }
    }

    private void sayEndOf() throws IOException {
        endSaid = true;
        try {
            notifyEnd();
            below.shutdownOutput();
        } catch (IOException e) {
            if (!driver.isInputEnded()) {
                throw e;
            }
            // Both have sent and received all they had to: nobody is left to be told.
            LOG.log(System.Logger.Level.DEBUG, tls + ": the peer left before it was told the end", e);
        }
    }

    private void notifyEnd() throws IOException {
        driver.endOutput();
        send(NOTHING);
    }

    // ---------------------------------------------------------------- ends

    @Override
    public boolean isOpen() {
        return !closeRequested.get() && tls.closeCause().isEmpty();
    }

    @Override
    public void close() {
        if (beginClose()) {
            onLoop(tls::limitClosing);
            end();
        }
    }

    /** Returns whether the caller is the first who wants to close this, and so is to {@link #end} it. */
    boolean beginClose() {
        return closeRequested.compareAndSet(false, true);
    }

    /** Says {@code close_notify} unless a writer is stuck, which only the close below can free. Waits for room; not on a loop. */
    void end() {
        try {
            sayEnd();
        } finally {
            below.close();
        }
    }

    private void sayEnd() {
        if (!writing.tryLock()) {
            return;
        }
        try {
            if (!outputEnded) {
                outputEnded = true;
                notifyEnd();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing " + tls + ": the peer cannot be told", e);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void abort() {
        abortRequested = true;
        closeRequested.set(true);
        onLoop(() -> tls.abort(abortedByCaller()));
        below.abort();
    }

    private void onLoop(Runnable task) {
        if (!tls.loop().post(task)) {
            LOG.log(System.Logger.Level.DEBUG, "the loop of {0} has ended and has closed it", tls);
        }
    }

    private TransportException ended() {
        Optional<TransportException> cause = tls.closeCause();
        if (cause.isPresent()) {
            return closedAlready(cause.get());
        }
        return abortRequested ? abortedByCaller() : closedByCaller();
    }

    /** The reason a call failed: what closed the connection, if it was closed meanwhile. */
    private TransportException broken(String what, Exception failure) {
        if (failure instanceof TransportException cause
                && Thread.currentThread().isInterrupted()) {
            onLoop(() -> tls.abort(cause));
            return cause;
        }
        if (tls.closeCause().isPresent() || closeRequested.get()) {
            return ended();
        }
        TransportException why = Failures.describe(tls + ": " + what, failure);
        if (failure instanceof SSLException && (endSaid || sayAlert())) {
            onLoop(() -> tls.failedAfterFarewell(why));
            below.close();
        } else {
            onLoop(() -> tls.abort(why));
        }
        return why;
    }

    /** Returns whether the peer was told what is wrong; not if a writer is stuck, or the engine has nothing to say. */
    private boolean sayAlert() {
        if (!writing.tryLock()) {
            return false;
        }
        try {
            if (!driver.needsWrap()) {
                return false;
            }
            onLoop(tls::limitClosing);
            send(NOTHING);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, tls + ": the peer cannot be told what is wrong", e);
            return false;
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void onReadable(Connection c) {
        throw new IllegalStateException("the loop does not read for this view");
    }

    @Override
    public void onClosed(Connection c, TransportException cause) {
        closed = true;
        releaseHeld();
    }

    /** A reader that has the lock sees {@link #closed} when it gives it back, and does this then. */
    private void releaseHeld() {
        if (reading.tryLock()) {
            try {
                plain.release();
                input.release();
            } finally {
                reading.unlock();
            }
        }
    }
}
