package dev.sluice.nio.internal;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** Entering a loop that may have ended. */
final class Loops {
    private Loops() {}

    /** Runs on the loop, at once if the caller is it; a refusal becomes the result. */
    static void execute(EventLoop loop, Runnable task, CompletableFuture<?> result) {
        if (loop.isInLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new TransportException(Reason.SHUTDOWN, e.getMessage(), e));
        }
    }
}
