package dev.sluice.tests.contract;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Waits on conditions. The limit only ends tests that have failed; none asserts how long anything took. */
public final class Waiting {
    /** After this a condition counts as never fulfilled. */
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private Waiting() {}

    /** Returns once the condition holds. */
    public static void until(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** Returns the result of a stage, or throws what it failed with. */
    public static <T> T result(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw e;
        }
    }
}
