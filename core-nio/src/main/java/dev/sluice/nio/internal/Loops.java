package dev.sluice.nio.internal;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.util.concurrent.CompletableFuture;

/** Entering a loop that may have ended. */
final class Loops {
    private Loops() {}

    /** Runs on the loop, at once if the caller is it; that it has ended becomes the result. */
    static void run(EventLoop loop, Runnable task, CompletableFuture<?> result) {
        if (loop.isInLoop()) {
            task.run();
            return;
        }
        if (!loop.post(task)) {
            result.completeExceptionally(new TransportException(Reason.SHUTDOWN, "the event loop has ended"));
        }
    }
}
