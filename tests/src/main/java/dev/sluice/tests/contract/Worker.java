package dev.sluice.tests.contract;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * A thread of a test's own that may block.
 *
 * @param thread the thread
 * @param result what it came to
 */
record Worker<T>(Thread thread, CompletableFuture<T> result) {
    /** Methods in which a thread sits while it waits for the other side, whatever the transport. */
    private static final Set<String> WAITING_IN =
            Set.of("park", "read0", "write0", "writev0", "poll", "transferTo0", "sendfile0", "wait", "wait0");

    static <T> Worker<T> start(Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(task(body, result), "contract-worker");
        thread.setDaemon(true);
        thread.start();
        return new Worker<>(thread, result);
    }

    static Runnable task(Callable<?> body, CompletableFuture<?> result) {
        return () -> run(body, result);
    }

    @SuppressWarnings("unchecked") // the result is the body's
    private static <T> void run(Callable<?> body, CompletableFuture<T> result) {
        try {
            result.complete((T) body.call());
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    /** Returns the result, or throws what the body threw. */
    T join() throws Exception {
        return Waiting.result(result);
    }

    /** Returns what the body threw. */
    Throwable failure() {
        try {
            T value = join();
            throw new AssertionError("should have failed, came to " + value);
        } catch (Exception e) {
            return e;
        }
    }

    /** Returns once the thread waits in a call, as far as its stack shows. */
    Worker<T> awaitBlocked() {
        Waiting.until(
                "the thread waits",
                () -> result.isDone()
                        || Arrays.stream(thread.getStackTrace())
                                .limit(3)
                                .anyMatch(frame -> WAITING_IN.contains(frame.getMethodName())));
        return this;
    }
}
