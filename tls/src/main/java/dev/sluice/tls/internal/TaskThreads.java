package dev.sluice.tls.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that do what a loop must not; they end when idle. What waits for them is bounded. */
public final class TaskThreads {
    /** Beyond that handshakes are refused, which a flood of them deserves. */
    private static final int MAX_HANDSHAKES = 4096;
    /** As many as a listener lets in: a server may close all of its connections at once. */
    private static final int MAX_CLOSING = 64 << 10;
    /** A peer that does not read keeps one of them for as long as closing may take. */
    private static final int CLOSING_THREADS = 16;

    private static final int KEEP_ALIVE_SECONDS = 30;

    private static final Executor SHARED =
            create("sluice-tls-", Runtime.getRuntime().availableProcessors(), MAX_HANDSHAKES);
    private static final Executor CLOSING = create("sluice-tls-close-", CLOSING_THREADS, MAX_CLOSING);

    private TaskThreads() {}

    /** Returns those that do the engines' slow work where the user gives none: one per processor, for it is all computing. */
    public static Executor shared() {
        return SHARED;
    }

    /** Returns those that say {@code close_notify} for connections that threads use and that the loop closes. */
    static Executor closing() {
        return CLOSING;
    }

    private static Executor create(String name, int threads, int waiting) {
        AtomicInteger numbers = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(waiting), task -> {
                    Thread thread = new Thread(task, name + numbers.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
