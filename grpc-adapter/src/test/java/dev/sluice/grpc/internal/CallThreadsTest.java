package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallThreadsTest {
    private static final int FEW = 2;

    private final Set<Thread> started = ConcurrentHashMap.newKeySet();
    private final CallThreads threads = new CallThreads(FEW, task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((where, what) -> {}); // tasks throw on purpose
        started.add(thread);
        return thread;
    });

    @Test
    void shouldRunShortTasksOnFewThreads() {
        int count = 10_000;
        Set<Thread> runners = ConcurrentHashMap.newKeySet();
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            threads.execute(() -> {
                runners.add(Thread.currentThread());
                ran.incrementAndGet();
            });
        }
        await().until(() -> ran.get() == count);
        assertThat(started).as("one that watches, and seldom more than few").hasSizeLessThan(count / 10);
    }

    @Test
    void shouldRunAsManyTasksAtATimeAsWaitForEachOther() throws InterruptedException {
        int count = 200;
        CountDownLatch all = new CountDownLatch(count);
        AtomicInteger ended = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            threads.execute(() -> {
                all.countDown();
                try {
                    all.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                ended.incrementAndGet();
            });
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> ended.get() == count);
    }

    @Test
    void shouldOutliveWhatTasksThrow() {
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            threads.execute(() -> {
                ran.incrementAndGet();
                throw new IllegalStateException("a task fails");
            });
        }
        await().until(() -> ran.get() == 10);
    }

    @Test
    void shouldNotLetAnInterruptReachTheNextTask() {
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger interrupted = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            threads.execute(() -> {
                if (Thread.currentThread().isInterrupted()) {
                    interrupted.incrementAndGet();
                }
                Thread.currentThread().interrupt();
                ran.incrementAndGet();
            });
        }
        await().until(() -> ran.get() == 100);
        assertThat(interrupted).hasValue(0);
    }
}
