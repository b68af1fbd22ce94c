package dev.sluice.grpc.internal;

import dev.sluice.nio.spi.LogLimiter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs calls on as many threads as there are processors for as long as those get on, and on as many as it takes once calls block. A
 * thread for each task, as gRPC's own pool has them, costs a wake-up for each; short tasks mostly find a thread of these awake.
 *
 * <p>Every {@link #TICK}, while tasks wait, those are counted that have been running for more than a whole tick, and two more threads allowed for
 * each: so however many block at a time, doubling has soon caught up. There is no limit, for calls may wait for calls. A thread that found
 * nothing to do for half a minute ends, the last ones too.
 *
 * <p>Thread-safe. Threads are daemons.
 */
public final class CallThreads implements Executor {
    private static final LogLimiter FAILURES =
            new LogLimiter(System.getLogger(CallThreads.class.getName()), Level.ERROR);

    private static final Duration TICK = Duration.ofMillis(2);
    private static final long IDLE_SECONDS = 30;
    private static final long WATCH_SECONDS = 1;
    private static final int MORE_FOR_EACH_SLOW = 2;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Set<Worker> workers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicBoolean watched = new AtomicBoolean();
    private final ThreadFactory factory;
    private final int few;
    private volatile int tick;

    /** @param few threads that tasks which do not block are run on */
    CallThreads(int few, ThreadFactory factory) {
        this.few = few;
        this.factory = factory;
    }

    /** Returns threads of the platform. */
    public static CallThreads create() {
        AtomicInteger number = new AtomicInteger();
        return new CallThreads(Runtime.getRuntime().availableProcessors(), task -> {
            Thread thread = new Thread(task, "sluice-grpc-call-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (count.get() < few) {
            addUpTo(few);
        }
        watchOver();
    }

    private void watchOver() {
        if (watched.get() || !watched.compareAndSet(false, true)) {
            return;
        }
        try {
            start(this::watch);
        } catch (RuntimeException | Error e) {
            watched.set(false);
            throw e;
        }
    }

    private void addUpTo(int wanted) {
        for (int now = count.get(), more = wanted - now; more > 0 && now < wanted; now = count.get(), more--) {
            if (count.compareAndSet(now, now + 1)) {
                startWorker();
            }
        }
    }

    private void startWorker() {
        try {
            start(new Worker());
        } catch (RuntimeException | OutOfMemoryError e) { // the system has no more threads: those that are there go on
            count.decrementAndGet();
            FAILURES.log("no more threads for calls of gRPC, " + count.get() + " run", e);
        }
    }

    private void start(Runnable run) {
        factory.newThread(run).start();
    }

    /** Ends when nothing was waiting for a while. */
    private void watch() {
        int now = tick; // nobody else changes it
        long idleTicks = 0;
        long patience = TimeUnit.SECONDS.toNanos(WATCH_SECONDS) / TICK.toNanos();
        while (idleTicks < patience) {
            LockSupport.parkNanos(TICK.toNanos());
            now++;
            tick = now;
            if (tasks.isEmpty()) {
                idleTicks++;
            } else {
                idleTicks = 0;
                addUpTo(few + MORE_FOR_EACH_SLOW * slow());
            }
        }
        watched.set(false);
        if (!tasks.isEmpty()) {
            watchOver(); // a task came just now
        }
    }

    private int slow() {
        int slow = 0;
        for (Worker worker : workers) {
            if (worker.isSlow()) {
                slow++;
            }
        }
        return slow;
    }

    private final class Worker implements Runnable {
        private static final int IDLE = -1;

        /** The tick in which the task began that is running. */
        private volatile int beganIn = IDLE;

        boolean isSlow() {
            int began = beganIn;
            return began != IDLE && tick - began > 1;
        }

        @Override
        public void run() {
            workers.add(this);
            try {
                for (Runnable task = next(); task != null; task = next()) {
                    beganIn = tick;
                    try {
                        task.run();
                    } finally {
                        beganIn = IDLE;
                    }
                }
            } finally {
                workers.remove(this);
                count.decrementAndGet();
                if (!tasks.isEmpty()) {
                    addUpTo(few); // a task came just now, or one has thrown
                }
            }
        }

        private Runnable next() {
            try {
                return tasks.poll(IDLE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                return tasks.poll(); // a task's interrupt, which is nobody's now
            }
        }
    }
}
