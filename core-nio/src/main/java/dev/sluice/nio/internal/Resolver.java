package dev.sluice.nio.internal;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for name resolution, which blocks and can only be waited for. They end when idle. */
final class Resolver {
    static final int MAX_THREADS = 8;
    private static final int MAX_WAITING = 65536;
    private static final ExecutorService THREADS = newThreads();

    private Resolver() {}

    static void run(Runnable task) {
        THREADS.execute(task);
    }

    private static ExecutorService newThreads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "sluice-resolver");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
