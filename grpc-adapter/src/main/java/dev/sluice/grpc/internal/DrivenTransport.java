package dev.sluice.grpc.internal;

import io.grpc.okhttp.internal.framed.FrameReader;

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
    /** Whose tasks run on this thread. */
    private static final ThreadLocal<DrivenTransport> RUNNING = new ThreadLocal<>();

    private final Runnable writer;
    private final Runnable whenEnded;
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

    /** Takes what the transport that runs on this thread hands in as it begins. */
    static void begun(Runnable reader) {
        RUNNING.get().reader = reader;
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

    /** Returns whether there is something to write. */
    boolean isWriterDue() {
        return writerDue;
    }

    /** Runs what is due, until nothing is. Nothing if it is being run already. */
    void runDue() {
        if (running) {
            return;
        }
        running = true;
        DrivenTransport outer = RUNNING.get(); // a call may cause another connection to write
        RUNNING.set(this);
        try {
            while (runNext()) {
                // There may be more.
            }
        } finally {
            RUNNING.set(outer);
            running = false;
        }
    }

    private boolean runNext() {
        if (writerDue) {
            writerDue = false;
            writerHasRun = true;
            writer.run();
            return true;
        }
        if (endDue && !ended && writerHasRun) {
            ended = true;
            if (reader != null) {
                reader.run();
            }
            whenEnded.run();
            return true;
        }
        return false;
    }
}
