package dev.sluice.tls.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tls.internal.EngineDriver.Step;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Records over a connection, without blocking: reads ciphertext from below as far as the reader's buffer needs it, and writes
 * what the engine makes. Between calls it holds at most the record that is not yet complete, the plaintext of one record that did
 * not fit, and the ciphertext that the connection below did not take. Nothing of these while idle.
 *
 * <p>Loop-confined.
 */
final class RecordLayer {
    private static final Logger LOG = System.getLogger(RecordLayer.class.getName());

    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final Connection below;
    private final EngineDriver driver;
    private final NetworkBuffers nets;
    private final Executor taskExecutor;
    private final Held.Lender lender;
    private final Unwrapping unwrapping;
    private Runnable goOn;

    /** Ciphertext that is no complete record yet, or was not needed yet. */
    private final Held input = new Held();
    /** Plaintext that did not fit the reader's buffer. */
    private final Held plain = new Held();
    /** Ciphertext that the connection below did not take. */
    private final Held output = new Held();

    private boolean tasksRunning;
    /** The engine reads nothing before it has said what it has to say. */
    private boolean answerFirst;

    private boolean released;
    private boolean readBelow;
    private boolean carriedPlaintext;

    /**
     * Creates the layer.
     *
     * @param goOn called on the loop after the engine's slow work: whoever was refused tries again
     */
    RecordLayer(Connection below, EngineDriver driver, NetworkBuffers nets, Executor taskExecutor, Runnable goOn) {
        this.below = below;
        this.driver = driver;
        this.nets = nets;
        this.taskExecutor = taskExecutor;
        this.goOn = goOn;
        this.lender = below.loop().buffers()::acquire;
        this.unwrapping = new Unwrapping(driver, plain, lender);
    }

    EngineDriver driver() {
        return driver;
    }

    /** Gives the layer another owner, who is called after the engine's slow work from here on. */
    void goOnWith(Runnable nextOwner) {
        goOn = nextOwner;
    }

    /** Returns whether {@link #write} would take something. */
    boolean canWrite() {
        return !tasksRunning && output.isEmpty();
    }

    /**
     * Goes on with the handshake. Returns whether it is over; what came behind it is kept for {@link #read}.
     */
    boolean handshake() throws IOException {
        flush(); // the peer may wait for the rest of a flight
        if (!driver.isEstablished()) {
            read(NO_ROOM);
        }
        if (!driver.isEstablished() || tasksRunning) {
            return false;
        }
        if (driver.needsWrap()) {
            answer(); // a session ticket; it may wait for room like anything else
        }
        return true;
    }

    /**
     * Reads plaintext.
     *
     * @return bytes read, 0 if there are none now, -1 after the peer's {@code close_notify}
     */
    int read(ByteBuffer dst) throws IOException {
        if (!plain.isEmpty()) {
            return plain.moveTo(dst);
        }
        if (tasksRunning) {
            return 0;
        }
        ByteBuffer net = nets.acquire();
        try {
            input.moveTo(net);
            int begin = dst.position();
            advance(net, dst);
            int n = dst.position() - begin;
            carriedPlaintext |= n > 0;
            return n == 0 && driver.isInputEnded() ? -1 : n;
        } finally {
            if (!released) {
                input.hold(net.flip(), lender);
            }
            nets.release(net);
        }
    }

    /**
     * Reads one record, or a few, into a buffer of its own. For the beginning of a connection, where records come that carry no plaintext.
     */
    void prefetch() throws IOException {
        if (hasInput() || tasksRunning) {
            return;
        }
        PooledBuffer room = lender.acquire(driver.maxPlaintextBytes());
        try {
            read(room.buffer());
        } catch (IOException | RuntimeException e) {
            room.release();
            throw e;
        }
        room.buffer().flip();
        plain.hold(room);
    }

    /** Returns whether any plaintext ever came. */
    boolean hasCarriedPlaintext() {
        return carriedPlaintext;
    }

    /** Forgets that the connection below was read. */
    void expectRead() {
        readBelow = false;
    }

    /** Returns whether the connection below was read since {@link #expectRead}. */
    boolean hasReadBelow() {
        return readBelow;
    }

    /** Goes on until there is plaintext, or something has to happen first. {@code net} is left ready to be added to. */
    private void advance(ByteBuffer net, ByteBuffer dst) throws IOException {
        int begin = dst.position();
        boolean handshaking = !driver.isEstablished();
        boolean beforeWrap = false;
        answerFirst = false;
        while (!(handshaking && driver.isEstablished())) {
            net.flip();
            Step step = unwrapping.unwrap(net, dst, beforeWrap);
            net.compact();
            if (dst.position() > begin) {
                return;
            }
            boolean goOn = switch (step) {
                case NEED_INPUT -> fill(net, dst);
                case NEED_WRAP -> answer() || (!beforeWrap && !tasksRunning && driver.isEstablished());
                case NEED_TASK -> startTasks();
                case DONE, NEED_ROOM, ENDED -> false;
            };
            if (!goOn) {
                answerFirst = step == Step.NEED_WRAP;
                return;
            }
            // A peer that waits for room itself makes none for an answer, such as that to its new keys, before it is
            // read.
            beforeWrap = step == Step.NEED_WRAP && !output.isEmpty();
        }
    }

    /** Reads what the rest of a record, or the rest of {@code dst}, can need; more would only lie here. */
    private boolean fill(ByteBuffer net, ByteBuffer dst) throws IOException {
        int wanted = Math.max(driver.maxRecordBytes(), dst.remaining() + dst.remaining() / 64);
        net.limit((int) Math.min(net.capacity(), (long) net.position() + wanted));
        int n = below.read(net);
        readBelow = true;
        net.limit(net.capacity());
        if (n < 0) {
            throw new TransportException(
                    Reason.TRUNCATED, below + ": ended without close_notify, so what came may be cut short");
        }
        return n > 0;
    }

    /** Returns whether there is plaintext, or its end, without more from below. */
    boolean hasInput() {
        if (!plain.isEmpty()) {
            return true;
        }
        if (isStuck()) {
            return false;
        }
        try {
            return driver.isInputEnded() || (!input.isEmpty() && driver.completeRecord(input.bytes()) > 0);
        } catch (IOException e) {
            return true; // the read will say what is wrong with it
        }
    }

    /**
     * Writes plaintext.
     *
     * @return how much was taken; less than all only until {@link #flush} succeeds, or the engine's slow work is done
     */
    long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        if (tasksRunning || !flush()) {
            return 0;
        }
        long before = remaining(srcs, offset, length);
        long left = before;
        ByteBuffer net = nets.acquire();
        try {
            while (left > 0 && output.isEmpty()) {
                net.clear();
                Step step = driver.wrap(srcs, offset, length, net);
                send(net);
                left = remaining(srcs, offset, length);
                if (step == Step.ENDED) {
                    throw new TransportException(
                            Reason.CLOSED,
                            below + ": the peer has ended the TLS session, and this version has no half-close");
                }
                if (step == Step.NEED_TASK) {
                    startTasks();
                    break;
                }
                if (step == Step.NEED_INPUT) {
                    break;
                }
            }
        } finally {
            nets.release(net);
        }
        return before - left;
    }

    /** Says what the engine has to say. Returns false if the connection below has no room. */
    boolean answer() throws IOException {
        if (!flush()) {
            return false;
        }
        ByteBuffer net = nets.acquire();
        try {
            if (driver.wrap(net) == Step.NEED_TASK) {
                startTasks();
            }
            send(net);
        } finally {
            nets.release(net);
        }
        return output.isEmpty() && !tasksRunning;
    }

    /** Writes what the connection below did not take before. Returns whether nothing is left. */
    boolean flush() throws IOException {
        if (!output.isEmpty()) {
            below.write(output.bytes());
            output.trim();
        }
        return output.isEmpty();
    }

    private void send(ByteBuffer net) throws IOException {
        net.flip();
        if (net.hasRemaining()) {
            below.write(net);
            output.hold(net, lender);
        }
    }

    /** Ends the outgoing direction, by {@code close_notify}. Returns whether the connection below has taken that. */
    boolean endOutput() throws IOException {
        driver.endOutput();
        return answer();
    }

    boolean isBusy() {
        return tasksRunning;
    }

    /**
     * Returns whether reading cannot go on, whatever comes from below: until the engine's slow work is done, or the connection
     * below takes what the engine has to say first. Who reads on regardless would only spin.
     */
    boolean isStuck() {
        return tasksRunning || (answerFirst && !output.isEmpty());
    }

    /** Returns false: nothing goes on until they are done. */
    private boolean startTasks() {
        tasksRunning = true;
        try {
            taskExecutor.execute(() -> {
                try {
                    driver.runTasks();
                } catch (RuntimeException e) {
                    LOG.log(Level.DEBUG, below + ": a task of the TLS engine failed; its next call says why", e);
                } finally {
                    backToLoop();
                }
            });
        } catch (RejectedExecutionException e) {
            below.abort(new TransportException(
                    Reason.LIMIT_EXCEEDED,
                    below + ": too many TLS handshakes wait for a thread (TlsBuilder.taskExecutor)"));
        }
        return false;
    }

    private void backToLoop() {
        boolean alive = below.loop().post(() -> {
            tasksRunning = false;
            if (!released) {
                goOn.run();
            }
        });
        if (!alive) {
            LOG.log(Level.DEBUG, "the loop of {0} has ended and has closed it", below);
        }
    }

    /** Gives away plaintext that was not yet read. */
    Held takePlain() {
        return plain.takeAll();
    }

    /** Gives away ciphertext that was not yet needed. */
    Held takeInput() {
        return input.takeAll();
    }

    /** Frees all that is held. Returns what is still to be written: {@code last}, then {@code close_notify} or an alert. */
    ByteBuffer farewell(ByteBuffer last) {
        ByteBuffer unsent;
        try {
            unsent = takeOutput(last);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, below + ": closing without close_notify", e);
            unsent = NO_ROOM;
        }
        release();
        return unsent;
    }

    private ByteBuffer takeOutput(ByteBuffer last) throws IOException {
        if (tasksRunning) {
            return copyOf(output, 0); // the engine would make this thread wait for them
        }
        int records = last.hasRemaining() ? 4 : 2; // of those in last, what the engine has to say, and close_notify
        ByteBuffer all = copyOf(output, records * driver.maxRecordBytes());
        all.position(all.limit()).limit(all.capacity());
        if (last.hasRemaining()) {
            driver.wrap(new ByteBuffer[] {last}, 0, 1, all);
        }
        driver.endOutput();
        driver.wrap(all);
        return all.flip();
    }

    private static ByteBuffer copyOf(Held held, int room) {
        int n = held.isEmpty() ? 0 : held.bytes().remaining();
        ByteBuffer copy = ByteBuffer.allocate(n + room);
        held.moveTo(copy);
        return copy.flip();
    }

    /** Frees all that is held. Returns the ciphertext that was not yet written. */
    ByteBuffer release() {
        ByteBuffer unsent = copyOf(output, 0);
        released = true;
        input.release();
        plain.release();
        output.release();
        return unsent;
    }

    private static long remaining(ByteBuffer[] buffers, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }
}
