package dev.sluice.grpc.internal;

import io.grpc.okhttp.internal.framed.FrameReader;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * grpc-okhttp's transport of one connection, as two tasks that it hands to its executor: one that is to be run whenever the
 * transport has something to write, and its reader of frames. The reader would block for input; instead of running it others tell it
 * of frames, as it implements what a {@link FrameReader} tells, and let it run once there are no more.
 *
 * <pre>
 *   created -> begun (the reader was handed in) -> ended (the reader has run)
 *           -> ended (the transport failed to begin)
 * </pre>
 *
 * <p>No I/O. For one thread at a time.
 */
final class OkHttpTransport {
    /** In so many parts are calls run that came together, each followed by a write; fewer if they are few. */
    private static final int PARTS = 4;

    private static final int LEAST_PART = 32;

    /** Who is at work on this thread. */
    private static final ThreadLocal<OkHttpTransport> WORKING = new ThreadLocal<>();

    /** Something that the transport is to do. */
    @FunctionalInterface
    interface Step<X extends Exception> {
        void run() throws X;
    }

    private final Runnable writer;
    private final Runnable whenEnded;
    /** What calls have to do that came meanwhile. */
    private final Queue<Runnable> calls = new ArrayDeque<>();

    private Runnable reader;
    private boolean writerHasRun;
    private boolean writerDue;
    private boolean endDue;
    private boolean ended;
    private boolean running;
    private Optional<RejectedExecutionException> refusal = Optional.empty();

    /**
     * @param writer what is to be run whenever there is something to write
     * @param whenEnded run at the end
     */
    OkHttpTransport(Runnable writer, Runnable whenEnded) {
        this.writer = writer;
        this.whenEnded = whenEnded;
    }

    /** Takes what the transport that is at work on this thread hands in as it begins. */
    static void begun(Runnable reader) {
        WORKING.get().reader = reader;
    }

    /**
     * Returns an executor that hands calls on to another, never from within grpc-okhttp: for if the other one ran them at once, that would be
     * called from within itself, and might forget what it has to write, or mix it up. So they are handed on when the transport at work on the
     * thread has done its step, together.
     *
     * @param elsewhere hands them on where no transport is at work, as when the application writes on a thread of its own
     */
    static Executor afterwards(Executor executor, Executor elsewhere) {
        return call -> {
            OkHttpTransport working = WORKING.get();
            if (working == null) {
                elsewhere.execute(() -> executor.execute(call));
            } else {
                working.calls.add(() -> executor.execute(call));
            }
        };
    }

    /** Returns whom to tell of frames; the transport must have begun. */
    FrameReader.Handler frames() {
        return (FrameReader.Handler) reader;
    }

    boolean hasBegun() {
        return reader != null;
    }

    /** There is something to write. */
    void writeSoon() {
        writerDue = true;
    }

    /** There are no more frames: the transport is to end. Idempotent. */
    void endSoon() {
        endDue = true;
    }

    /** Returns whether {@link #runDue} is under way. */
    boolean isRunning() {
        return running;
    }

    /** Returns whether there is something to do now. */
    boolean isDue() {
        return writerDue || !calls.isEmpty() || (endDue && !ended && writerHasRun);
    }

    /** Has the transport do something; what becomes due by it is not done yet. */
    <X extends Exception> void work(Step<X> step) throws X {
        OkHttpTransport outer = WORKING.get(); // a call may cause another connection to write
        WORKING.set(this);
        try {
            step.run();
        } finally {
            WORKING.set(outer);
        }
    }

    /**
     * Does a part of what is due, and has it written: a quarter of the calls, so that the client need not wait for all of them. Nothing if that
     * is under way already.
     */
    void runDue() {
        if (running) {
            return;
        }
        running = true;
        try {
            work(this::runPart);
        } finally {
            running = false;
        }
    }

    private void runPart() {
        for (int left = Math.max(calls.size() / PARTS, LEAST_PART); left > 0 && !calls.isEmpty(); left--) {
            handOn(calls.remove());
        }
        if (writerDue) {
            writerDue = false;
            writerHasRun = true;
            writer.run();
        } else if (calls.isEmpty() && endDue && !ended && writerHasRun) {
            end();
        }
    }

    private void handOn(Runnable call) {
        try {
            call.run();
        } catch (RejectedExecutionException e) {
            refusal = Optional.of(e); // gRPC waits for the call for ever: its connection has to end
        }
    }

    /** Returns how the executor has refused a call, if it has. */
    Optional<RejectedExecutionException> refusal() {
        return refusal;
    }

    private void end() {
        ended = true;
        try {
            if (reader != null) {
                reader.run();
            }
        } finally {
            whenEnded.run();
        }
    }
}
