package dev.sluice.tls.internal;

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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;

/**
 * The blocking view of a TLS connection, over the blocking view of the one below: the calling thread does the cryptography itself
 * and then enters the kernel, so streams do not wait for one another on a loop.
 */
final class TlsByteStream extends AbstractByteStream implements ConnectionHandler {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TlsConnection tls;
    private final EngineDriver driver;
    private final NetworkBuffers nets;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicBoolean closeRequested = new AtomicBoolean();
    private volatile boolean abortRequested;
    private volatile boolean closed;
    /** Whether nothing but {@code close_notify} is left to be written. */
    private volatile boolean endSaid;

    private volatile ByteStream below;

    /** Guards what follows; the reader holds it while it waits below. */
    private final ReentrantLock reading = new ReentrantLock();

    private final Held plain = new Held();
    private final Held input = new Held();
    private final Unwrapping unwrapping;
    /** What a protocol on the loop had put back. */
    private ByteBuffer unread;

    /** Guards what follows; the writer holds it while it waits below. */
    private final ReentrantLock writing = new ReentrantLock();

    private final ByteBuffer[] one = new ByteBuffer[1];
    /** What the loop could not write any more. */
    private ByteBuffer leftOver;

    private boolean outputEnded;

    TlsByteStream(TlsConnection tls, EngineDriver driver, NetworkBuffers nets) {
        super(tls);
        this.tls = tls;
        this.driver = driver;
        this.nets = nets;
        unwrapping = new Unwrapping(driver, plain, this::acquire);
    }

    /** The loop hands over. On the loop. */
    void begin(ByteStream bytesBelow, ByteBuffer putBack, RecordLayer.Rest rest) throws TransportException {
        unread = putBack;
        plain.hold(rest.plain(), this::acquire);
        input.hold(rest.input(), this::acquire);
        leftOver = rest.output();
        below = bytesBelow;
        begun.countDown();
    }

    /** Returns whether all is written but {@code close_notify}, which may be. */
    boolean hasSaidEnd() {
        return endSaid;
    }

    boolean hasBegun() {
        return begun.getCount() == 0;
    }

    private PooledBuffer acquire(int bytes) throws TransportException {
        return tls.loop().group().buffers().acquire(bytes);
    }

    private ByteStream below() throws TransportException {
        requireNotOnLoop();
        try {
            begun.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
            throw interrupted(e);
        }
        if (closeRequested.get() || below == null) {
            throw ended();
        }
        return below;
    }

    // ---------------------------------------------------------------- in

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        ByteStream source = below();
        if (!dst.hasRemaining()) {
            return 0;
        }
        reading.lock();
        try {
            int n = readHeld(dst);
            if (n == 0) {
                n = readRecords(source, dst);
            }
            if (n > 0) {
                tls.movedIn();
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

    private int readHeld(ByteBuffer dst) {
        if (!unread.hasRemaining()) {
            return plain.moveTo(dst);
        }
        int n = Math.min(unread.remaining(), dst.remaining());
        dst.put(unread.slice(unread.position(), n));
        unread.position(unread.position() + n);
        return n;
    }

    private int readRecords(ByteStream source, ByteBuffer dst) throws IOException {
        ByteBuffer net = nets.acquire();
        try {
            input.moveTo(net);
            net.flip();
            int begin = dst.position();
            boolean beforeWrap = false;
            while (true) {
                Step step = unwrapping.unwrap(net, dst, beforeWrap);
                if (dst.position() > begin) {
                    return dst.position() - begin;
                }
                boolean mayOvertake = step == Step.NEED_WRAP && !beforeWrap;
                beforeWrap = mayOvertake && !answer(source);
                switch (step) {
                    case NEED_INPUT -> fill(source, net, dst);
                    case NEED_WRAP -> {
                        if (!mayOvertake) {
                            answerAfterWriter(source);
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
        } finally {
            input.hold(net, this::acquire);
            nets.release(net);
        }
    }

    private static void fill(ByteStream source, ByteBuffer net, ByteBuffer dst) throws IOException {
        int n;
        net.compact();
        int wanted = Math.max(RecordCheck.HEADER_BYTES + RecordCheck.MAX_FRAGMENT_BYTES_TLS12, dst.remaining());
        net.limit((int) Math.min(net.capacity(), (long) net.position() + wanted));
        try {
            n = source.read(net);
        } finally {
            net.flip();
        }
        if (n < 0) {
            throw new TransportException(
                    Reason.TRUNCATED,
                    source.connection() + ": ended without close_notify, so what came may be cut short");
        }
    }

    /**
     * Says what the engine has to say. Returns false if a writer is at it, who says it before its next record: to wait for one that is
     * stuck because the peer wants to be read first would be a deadlock.
     */
    private boolean answer(ByteStream sink) throws IOException {
        if (!writing.tryLock()) {
            return false;
        }
        try {
            sayUnsaid(sink);
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** For engines that read nothing before they have said what they have to say. */
    private void answerAfterWriter(ByteStream sink) throws IOException {
        writing.lock();
        try {
            sayUnsaid(sink);
        } finally {
            writing.unlock();
        }
    }

    /** A writer may have said it meanwhile, and ended the output with it. */
    private void sayUnsaid(ByteStream sink) throws IOException {
        if (driver.needsWrap()) {
            send(sink, NOTHING);
        }
    }

    // ---------------------------------------------------------------- out

    @Override
    public int write(ByteBuffer src) throws TransportException {
        ByteStream sink = below();
        int wanted = src.remaining();
        writing.lock();
        try {
            requireOutput();
            if (wanted > 0) {
                send(sink, src);
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
    private void send(ByteStream sink, ByteBuffer src) throws IOException {
        sendLeftOver(sink);
        one[0] = src;
        ByteBuffer net = nets.acquire();
        try {
            do {
                net.clear();
                int before = src.remaining();
                Step step = driver.wrap(one, 0, 1, net);
                sink.write(net.flip());
                if (src.remaining() < before) {
                    tls.movedOut();
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

    private void sendLeftOver(ByteStream sink) throws IOException {
        if (leftOver.hasRemaining()) {
            sink.write(leftOver);
        }
    }

    @Override
    public void shutdownOutput() throws TransportException {
        ByteStream sink = below();
        writing.lock();
        try {
            if (!outputEnded) {
                outputEnded = true;
                sendLeftOver(sink);
                sayEndOf(sink);
            }
        } catch (IOException e) {
            throw broken("end output", e);
        } finally {
            writing.unlock();
        }
    }

    private void sayEndOf(ByteStream sink) throws IOException {
        endSaid = true;
        try {
            notifyEnd(sink);
            sink.shutdownOutput();
        } catch (IOException e) {
            if (!driver.isInputEnded()) {
                throw e;
            }
            // Both have sent and received all they had to: nobody is left to be told.
            LOG.log(System.Logger.Level.DEBUG, tls + ": the peer left before it was told the end", e);
        }
    }

    private void notifyEnd(ByteStream sink) throws IOException {
        driver.endOutput();
        send(sink, NOTHING);
    }

    // ---------------------------------------------------------------- ends

    @Override
    public boolean isOpen() {
        return !closeRequested.get() && tls.closeCause().isEmpty();
    }

    /** Says {@code close_notify} unless a writer is stuck, which only the close below can free. */
    @Override
    public void close() {
        if (!closeRequested.compareAndSet(false, true)) {
            return;
        }
        ByteStream sink = below;
        if (sink == null) {
            onLoop(tls::close);
            return;
        }
        onLoop(tls::limitClosing);
        try {
            sayEnd(sink);
        } finally {
            sink.close();
        }
    }

    private void sayEnd(ByteStream sink) {
        if (!writing.tryLock()) {
            return;
        }
        try {
            if (!outputEnded) {
                outputEnded = true;
                notifyEnd(sink);
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
        ByteStream stream = below;
        if (stream != null) {
            stream.abort();
        }
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
        onLoop(() -> tls.abort(why));
        return why;
    }

    @Override
    public void onReadable(Connection c) {
        throw new IllegalStateException("the loop does not read for this view");
    }

    @Override
    public void onClosed(Connection c, TransportException cause) {
        begun.countDown(); // whoever waits for the hand-over asks for the cause
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
