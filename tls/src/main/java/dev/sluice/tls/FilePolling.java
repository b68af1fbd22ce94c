package dev.sluice.tls;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Looks at files again and again, whatever one look throws. Thread-safe.
 *
 * <p>It polls, because the JDK's WatchService does not do: it sees nothing on network file systems, watches folders rather than
 * files, loses track when the folder is a symbolic link that turns (as Kubernetes replaces secrets), and what it reports depends on
 * how an editor or a client of a certificate authority writes.
 */
final class FilePolling {
    private static final Logger LOG = System.getLogger(FilePolling.class.getName());

    private final Runnable stop;

    private FilePolling(Runnable stop) {
        this.stop = stop;
    }

    /**
     * Begins to poll.
     *
     * @param interval zero for never
     * @param given where to run; empty for a daemon thread that ends with the polling
     */
    static FilePolling start(Runnable look, Duration interval, Optional<ScheduledExecutorService> given) {
        if (interval.isZero()) {
            return new FilePolling(() -> {});
        }
        ScheduledExecutorService scheduler =
                given.orElseGet(() -> Executors.newSingleThreadScheduledExecutor(FilePolling::daemon));
        long nanos = interval.toNanos();
        ScheduledFuture<?> polling =
                scheduler.scheduleWithFixedDelay(() -> run(look), nanos, nanos, TimeUnit.NANOSECONDS);
        return new FilePolling(() -> {
            polling.cancel(false);
            if (given.isEmpty()) {
                scheduler.shutdown();
            }
        });
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "sluice-tls-reload");
        thread.setDaemon(true);
        return thread;
    }

    private static void run(Runnable look) {
        try {
            look.run();
        } catch (RuntimeException | Error e) {
            // The scheduler would drop the task without a word.
            LOG.log(Level.ERROR, "looking at the files of TLS identities failed; it goes on", e);
        }
    }

    /** Ends it; a look that is under way goes on. */
    void stop() {
        stop.run();
    }
}
