package dev.sluice.proto.stream;

import java.io.InterruptedIOException;

/** How a thread that was interrupted hears of it. */
final class Interruption {
    private Interruption() {}

    /** Sets the thread's flag again. */
    static InterruptedIOException of(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException(what + ": interrupted");
        failure.initCause(cause);
        return failure;
    }
}
