package dev.sluice.tls.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that do the engines' slow work where the user gives none: one per processor, for it is all computing. What waits
 * is bounded; beyond that handshakes are refused, which a flood of them deserves.
 */
public final class TaskThreads {
    private static final int MAX_WAITING = 4096;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Executor SHARED = create();

    private TaskThreads() {}

    /** Returns the threads. */
    public static Executor shared() {
        return SHARED;
    }

    private static Executor create() {
        int threads = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                task -> {
                    Thread thread = new Thread(task, "sluice-tls-" + NUMBERS.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
