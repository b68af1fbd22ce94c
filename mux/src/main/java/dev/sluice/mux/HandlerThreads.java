package dev.sluice.mux;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for users' handlers, which may block: virtual ones where the JDK has them (21 on; 24 on they no longer pin on monitors),
 * a bounded pool otherwise. All are daemons. Thread-safe.
 */
public final class HandlerThreads {
    /** Handlers that may run at a time on a JDK without virtual threads, unless told otherwise. */
    public static final int DEFAULT_MAX_THREADS = 512;

    private static final int IDLE_SECONDS = 30;

    private HandlerThreads() {}

    /**
     * Returns a new executor. Without virtual threads it refuses a handler with
     * {@link java.util.concurrent.RejectedExecutionException} when all threads are busy: a handler that waits for another
     * in a queue would be a deadlock that only load brings out.
     *
     * @param name what pooled threads are named after
     * @param maxThreads size of the pool, at least 1; virtual threads are not limited by it
     */
    public static ExecutorService create(String name, int maxThreads) {
        if (maxThreads < 1) {
            throw new IllegalArgumentException("maxThreads must be at least 1, is " + maxThreads);
        }
        if (Runtime.version().feature() >= 21) {
            try {
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("a JDK from 21 on has virtual threads", e);
            }
        }
        AtomicInteger count = new AtomicInteger();
        return new ThreadPoolExecutor(0, maxThreads, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
