package dev.sluice.bench.yamux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what loops and threads do. */
final class Waiting {
    /** Within which a connection or a stream is there. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private Waiting() {}

    /** Returns what there will be within the limit. */
    static <T> T await(Future<T> future, Duration limit) throws IOException {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("what was waited for failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not done within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while others were at work");
        }
    }
}
