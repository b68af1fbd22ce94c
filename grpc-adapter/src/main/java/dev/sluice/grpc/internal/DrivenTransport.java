package dev.sluice.grpc.internal;

import io.grpc.okhttp.internal.framed.FrameReader;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

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
final class DrivenTransport {
    /** Who is at work on this thread. */
    private static final ThreadLocal<DrivenTransport> WORKING = new ThreadLocal<>();

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

    /**
     * @param writer what is to be run whenever there is something to write
     * @param whenEnded run at the end
     */
    DrivenTransport(Runnable writer, Runnable whenEnded) {
        this.writer = writer;
        this.whenEnded = whenEnded;
    }

    /** Takes what the transport that is at work on this thread hands in as it begins. */
    static void begun(Runnable reader) {
        WORKING.get().reader = reader;
    }

    /**
     * Returns an executor that hands calls on to another when the transport at work on the thread has done its step: together, and not within it,
     * for if the other one ran them at once, grpc-okhttp would be called from within itself, and may then forget what it has to write.
     */
    static Executor afterwards(Executor executor) {
        return call -> {
            DrivenTransport working = WORKING.get();
            if (working == null) {
                executor.execute(call);
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

    /** Returns whether there is something to do now. */
    boolean isDue() {
        return writerDue || !calls.isEmpty();
    }

    /** Has the transport do something; what becomes due by it is not done yet. */
    <X extends Exception> void work(Step<X> step) throws X {
        DrivenTransport outer = WORKING.get(); // a call may cause another connection to write
        WORKING.set(this);
        try {
            step.run();
        } finally {
            WORKING.set(outer);
        }
    }

    /** Does what is due, until nothing is. Nothing if that is under way already. */
    void runDue() {
        if (running) {
            return;
        }
        running = true;
        try {
            work(this::runAll);
        } finally {
            running = false;
        }
    }

    /** Calls first, so that what they have to write is written at once. */
    private void runAll() {
        while (true) {
            if (!calls.isEmpty()) {
                calls.remove().run();
            } else if (writerDue) {
                writerDue = false;
                writerHasRun = true;
                writer.run();
            } else if (endDue && !ended && writerHasRun) {
                end();
            } else {
                return;
            }
        }
    }

    private void end() {
        ended = true;
        if (reader != null) {
            reader.run();
        }
        whenEnded.run();
    }
}
