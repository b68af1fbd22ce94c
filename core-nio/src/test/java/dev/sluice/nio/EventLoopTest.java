package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.FakeSelectors.FakeSelector;
import dev.sluice.nio.FakeSelectors.Mode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLoopTest {
    private static final int TASKS_PER_TURN = 4;
    private static final int QUEUE_CAPACITY = 2048;

    private final FakeSelectors selectors = new FakeSelectors();
    private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
    private final EventLoopGroup group = EventLoopGroup.of(1);
    private EventLoop loop = start(IdleStrategy.block(), clock);

    private EventLoop start(IdleStrategy idle, AtomicLong nanos) {
        try {
            EventLoop started = new EventLoop(
                    group,
                    new EventLoopGroup.Config(
                            idle, group.buffers(), TASKS_PER_TURN, QUEUE_CAPACITY, nanos::get, selectors),
                    "tested-loop");
            started.start();
            return started;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void endLoops() throws InterruptedException {
        loop.requestShutdown();
        assertThat(loop.awaitTermination(Duration.ofSeconds(10))).isTrue();
        group.close();
    }

    // ---------------------------------------------------------------- tasks

    @Test
    void shouldRunTasksInOrderOfSubmission() throws Exception {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            int number = i;
            loop.execute(() -> order.add(number));
        }
        onLoop(() -> {});
        assertThat(order).isEqualTo(IntStream.range(0, 1500).boxed().toList());
    }

    @Test
    void shouldRunTheTasksOfEachThreadInItsOrder() throws Exception {
        List<List<Integer>> orders = new ArrayList<>();
        List<Thread> producers = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            List<Integer> order = new ArrayList<>();
            orders.add(order);
            producers.add(new Thread(() -> {
                for (int i = 0; i < 400; i++) {
                    int number = i;
                    loop.execute(() -> order.add(number));
                }
            }));
        }
        producers.forEach(Thread::start);
        for (Thread producer : producers) {
            producer.join();
        }
        onLoop(() -> {});
        assertThat(orders)
                .allSatisfy(order -> assertThat(order)
                        .isEqualTo(IntStream.range(0, 400).boxed().toList()));
    }

    @Test
    void shouldRunWhatATaskSubmitsAfterThoseThatWait() throws Exception {
        List<String> order = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        onLoop(() -> {
            loop.execute(() -> order.add("first"));
            loop.execute(() -> {
                order.add("second");
                loop.execute(() -> done.complete(null));
            });
            order.add("now");
        });
        done.get(10, TimeUnit.SECONDS);
        assertThat(order).containsExactly("now", "first", "second");
    }

    @Test
    void shouldGoAroundWhenMoreTasksWaitThanATurnRuns() throws Exception {
        List<Long> turns = new ArrayList<>();
        onLoop(() -> {
            for (int i = 0; i < 3 * TASKS_PER_TURN; i++) {
                loop.execute(() -> turns.add(loop.stats().turns()));
            }
        });
        onLoop(() -> {});
        assertThat(turns).hasSize(3 * TASKS_PER_TURN);
        long distinct = turns.stream().distinct().count();
        assertThat(distinct).as("turns that it took").isBetween(3L, 4L);
        for (long turn : turns) {
            assertThat(turns.stream().filter(t -> t == turn)).hasSizeLessThanOrEqualTo(TASKS_PER_TURN);
        }
    }

    @Test
    void shouldServeChannelsWhileTasksNeverEnd() throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        CompletableFuture<Void> selected = new CompletableFuture<>();
        AtomicInteger runs = new AtomicInteger();
        onLoop(() -> {
            loop.register(pipe.source(), SelectionKey.OP_READ, new Selected(() -> selected.complete(null)));
            loop.execute(new Runnable() {
                @Override
                public void run() {
                    if (!selected.isDone()) {
                        runs.incrementAndGet();
                        loop.execute(this);
                    }
                }
            });
        });
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        selected.get(10, TimeUnit.SECONDS);
        pipe.sink().close();
        pipe.source().close();
    }

    @Test
    void shouldRefuseATaskWhenTheQueueIsFullAndRunThoseItTook() throws Exception {
        CountDownLatch blocked = blockLoop();
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        assertThatThrownBy(() -> {
                    while (true) {
                        loop.execute(ran::incrementAndGet);
                        taken.incrementAndGet();
                    }
                })
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("tested-loop")
                .hasMessageContaining("taskQueueCapacity");
        assertThat(taken).hasValue(QUEUE_CAPACITY);
        assertThat(loop.stats().queuedTasks()).isEqualTo(QUEUE_CAPACITY);
        blocked.countDown();
        await().until(() -> ran.get() == taken.get());
        onLoop(() -> {});
        assertThat(ran).hasValue(QUEUE_CAPACITY);
    }

    @Test
    void shouldTakeWhatIsPostedInItsOrderWhenTheQueueIsFull() throws Exception {
        CountDownLatch blocked = blockLoop();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < QUEUE_CAPACITY - 1; i++) {
            loop.execute(() -> {});
        }
        loop.execute(() -> order.add("executed"));
        assertThat(loop.post(() -> order.add("posted"))).isTrue();
        assertThat(loop.stats().queuedTasks()).isEqualTo(QUEUE_CAPACITY + 1);
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        blocked.countDown();
        await().until(() -> loop.stats().queuedTasks() == 0);
        onLoop(() -> order.add("executed later"));
        assertThat(order).containsExactly("executed", "posted", "executed later");
    }

    @Test
    void shouldTakeTasksAgainWhenThereIsRoom() throws Exception {
        for (int round = 0; round < 3; round++) {
            CountDownLatch blocked = blockLoop();
            for (int i = 0; i < QUEUE_CAPACITY; i++) {
                loop.execute(() -> {});
            }
            assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
            blocked.countDown();
            await().until(() -> loop.stats().queuedTasks() == 0);
        }
    }

    @Test
    void shouldGoOnWhenATaskThrows() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("thrown by a test");
        });
        loop.execute(() -> {
            throw new AssertionError("thrown by a test");
        });
        onLoop(() -> loop.schedule(Duration.ZERO, () -> {
            throw new IllegalStateException("thrown by a test");
        }));
        onLoop(() -> {});
    }

    @Test
    void shouldGoOnWhenATaskLeavesItsThreadInterrupted() throws Exception {
        onLoop(() -> Thread.currentThread().interrupt());
        await().until(() -> selectors.last().sleeps().tryAcquire());
        boolean interrupted = onLoop(Thread::interrupted);
        assertThat(interrupted)
                .as("the interrupt is not kept for whoever comes next")
                .isFalse();
        assertThat(loop.stats().selectorRebuilds()).isZero();
    }

    // ---------------------------------------------------------------- sleeping and waking

    @Test
    void shouldWakeTheSelectorOnceWhenTheLoopSleeps() throws Exception {
        awaitAsleep();
        long before = loop.stats().wakeups();
        onLoop(() -> {});
        assertThat(loop.stats().wakeups()).isEqualTo(before + 1);
        assertThat(selectors.last().wakeups().availablePermits()).isEqualTo((int) before + 1);
    }

    @Test
    void shouldNotWakeTheSelectorWhenTheLoopIsAwake() throws Exception {
        awaitAsleep();
        CountDownLatch blocked = blockLoop();
        long before = loop.stats().wakeups();
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            loop.execute(ran::incrementAndGet);
        }
        assertThat(loop.stats().wakeups()).isEqualTo(before);
        blocked.countDown();
        await().until(() -> ran.get() == 100);
        assertThat(loop.stats().wakeups())
                .as("what waited was run without a sleep")
                .isEqualTo(before);
    }

    @Test
    void shouldNotWakeTheSelectorForTasksOfItsOwn() throws Exception {
        awaitAsleep();
        long before = loop.stats().wakeups();
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.execute(() -> done.complete(null)));
        done.get(10, TimeUnit.SECONDS);
        assertThat(loop.stats().wakeups()).isEqualTo(before + 1);
    }

    @Test
    void shouldNeverSleepWhenItSpins() throws Exception {
        EventLoop blocking = loop;
        loop = start(IdleStrategy.busySpin(), clock);
        FakeSelector spun = selectors.last();
        for (int i = 0; i < 100; i++) {
            onLoop(() -> {});
        }
        assertThat(loop.stats().wakeups()).isZero();
        assertThat(spun.sleeps().availablePermits()).isZero();
        blocking.requestShutdown();
        assertThat(blocking.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldSleepAfterItSpunInVain() throws Exception {
        EventLoop blocking = loop;
        AtomicLong ticking = new AtomicLong();
        loop = start(IdleStrategy.spinThenBlock(Duration.ofNanos(1)), ticking);
        FakeSelector spun = selectors.last();
        onLoop(() -> ticking.addAndGet(10));
        await().until(() -> {
            ticking.addAndGet(10);
            return spun.sleeps().tryAcquire();
        });
        onLoop(() -> {});
        blocking.requestShutdown();
        assertThat(blocking.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldLookForExpectedInputBeforeItSleeps() throws Exception {
        EventLoop blocking = loop;
        loop = start(IdleStrategy.adaptive(), clock);
        FakeSelector looked = selectors.last();
        assertThat(looked.sleeps().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        onLoop(() -> loop.expectInput());
        await().until(() -> loop.stats().looks() == 1);
        for (int i = 0; i < 100; i++) {
            onLoop(() -> loop.expectInput()); // the clock stands still, so the look lasts until it finds each task
        }
        assertThat(loop.stats().wakeups()).isEqualTo(1);
        assertThat(looked.sleeps().availablePermits()).isZero();
        await().until(() -> {
            onLoop(() -> {}); // and expects nothing any more
            return looked.sleeps().tryAcquire();
        });
        blocking.requestShutdown();
        assertThat(blocking.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldSleepAfterALookInVainAndPassOneOver() throws Exception {
        EventLoop blocking = loop;
        loop = start(IdleStrategy.adaptive(), clock);
        FakeSelector looked = selectors.last();
        assertThat(looked.sleeps().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        onLoop(() -> loop.expectInput());
        await().until(() -> loop.stats().looks() == 1);
        clock.addAndGet(20_000);
        assertThat(looked.sleeps().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        onLoop(() -> loop.expectInput());
        assertThat(looked.sleeps().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.stats().looks()).isEqualTo(1);
        onLoop(() -> loop.expectInput());
        await().until(() -> loop.stats().looks() == 2);
        assertThat(loop.stats().looksPaid()).isZero();
        clock.addAndGet(1); // so that the look has begun before it finds the task
        onLoop(() -> {});
        await().until(() -> loop.stats().looksPaid() == 1);
        blocking.requestShutdown();
        assertThat(blocking.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    // ---------------------------------------------------------------- timers

    @Test
    void shouldRunTimersInOrderOnceTheirTimeHasCome() throws Exception {
        List<String> ran = new ArrayList<>();
        onLoop(() -> {
            loop.schedule(Duration.ofSeconds(2), () -> ran.add("second"));
            loop.schedule(Duration.ofSeconds(1), () -> ran.add("first"));
            loop.schedule(Duration.ofSeconds(3), () -> ran.add("third"));
            loop.schedule(Duration.ofSeconds(2), () -> ran.add("cancelled")).cancel();
        });
        assertThat(onLoop(() -> List.copyOf(ran))).isEmpty();
        advance(Duration.ofMillis(999));
        assertThat(onLoop(() -> List.copyOf(ran))).isEmpty();
        advance(Duration.ofMillis(1));
        await().untilAsserted(() -> assertThat(onLoop(() -> List.copyOf(ran))).containsExactly("first"));
        advance(Duration.ofSeconds(5));
        await().untilAsserted(
                        () -> assertThat(onLoop(() -> List.copyOf(ran))).containsExactly("first", "second", "third"));
    }

    @Test
    void shouldWakeByItselfForATimer() throws Exception {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        EventLoop ofRealTime = group.next();
        ofRealTime.execute(() -> ofRealTime.schedule(Duration.ofMillis(2), () -> ran.complete(null)));
        ran.get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldNeverRunATimerOfForever() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        Timeout timeout = onLoop(() -> {
            loop.schedule(Duration.ofDays(1), () -> ran.addAndGet(1000));
            return loop.schedule(ChronoUnit.FOREVER.getDuration(), ran::incrementAndGet);
        });
        advance(Duration.ofDays(365));
        await().until(() -> onLoop(() -> ran.get() >= 1000));
        assertThat(onLoop(timeout::isPending)).isTrue();
        assertThat(ran).hasValue(1000);
    }

    @Test
    void shouldCountATurnAsSlowWhenItTakesLong() throws Exception {
        onLoop(() -> clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(101)));
        await().until(() -> onLoop(() -> loop.stats().slowTurns()) == 1);
    }

    @Test
    void shouldCountATurnAsSlowWhenASelectionHandlerTakesLong() throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        onLoop(() -> loop.register(pipe.source(), SelectionKey.OP_READ, new Selected(() -> {
            pipe.source().read(ByteBuffer.allocate(1));
            advance(Duration.ofMillis(101));
        })));
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        await().until(() -> loop.stats().slowTurns() == 1);
        pipe.sink().close();
        pipe.source().close();
    }

    @Test
    void shouldNotCountATurnAsSlowWhenItOnlyWaitedLong() throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        CompletableFuture<Void> selected = new CompletableFuture<>();
        onLoop(() -> loop.register(pipe.source(), SelectionKey.OP_READ, new Selected(() -> {
            pipe.source().read(ByteBuffer.allocate(1));
            selected.complete(null);
        })));
        awaitAsleep();
        advance(Duration.ofSeconds(1));
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        selected.get(10, TimeUnit.SECONDS);
        onLoop(() -> {});
        assertThat(loop.stats().slowTurns()).isZero();
        pipe.sink().close();
        pipe.source().close();
    }

    // ---------------------------------------------------------------- selectors that break

    @ParameterizedTest
    @ValueSource(strings = {"SPINNING", "FAILING"})
    void shouldReplaceASelectorThatBreaksAndKeepItsChannels(Mode breaks) throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        AtomicInteger selected = new AtomicInteger();
        ByteBuffer read = ByteBuffer.allocate(10);
        onLoop(() -> loop.register(pipe.source(), SelectionKey.OP_READ, new Selected(() -> {
            selected.incrementAndGet();
            pipe.source().read(read);
        })));
        FakeSelector broken = selectors.last();
        broken.mode(breaks);
        await().until(() -> loop.stats().selectorRebuilds() == 1);
        assertThat(selectors.opened()).hasSize(2);
        assertThat(selectors.last().keys()).hasSize(1);
        pipe.sink().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        await().until(() -> selected.get() > 0);
        await().until(() -> !broken.isOpen());
        onLoop(() -> {});
        assertThat(read.position()).isEqualTo(3);
        assertThat(loop.stats().selectorRebuilds()).isEqualTo(1);
        pipe.sink().close();
        pipe.source().close();
    }

    @Test
    void shouldNotTakeWakeUpsForASpinningSelector() throws Exception {
        for (int i = 0; i < 2000; i++) {
            awaitAsleep();
            onLoop(() -> {});
        }
        assertThat(loop.stats().selectorRebuilds()).isZero();
    }

    @Test
    void shouldGoOnWhenASelectionHandlerThrows() throws Exception {
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        CompletableFuture<Void> again = new CompletableFuture<>();
        AtomicInteger calls = new AtomicInteger();
        onLoop(() -> loop.register(pipe.source(), SelectionKey.OP_READ, new Selected(() -> {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("thrown by a test");
            }
            pipe.source().read(ByteBuffer.allocate(1));
            again.complete(null);
        })));
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        again.get(10, TimeUnit.SECONDS);
        pipe.sink().close();
        pipe.source().close();
    }

    // ---------------------------------------------------------------- the end

    @Test
    void shouldRefuseTasksWhenItHasEnded() throws Exception {
        loop.requestShutdown();
        assertThat(loop.awaitTermination(Duration.ofSeconds(10))).isTrue();
        assertThatThrownBy(() -> loop.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("tested-loop has ended");
        assertThat(loop.post(() -> {})).isFalse();
        assertThat(selectors.last().isOpen()).isFalse();
    }

    @Test
    void shouldRunOrRefuseEveryTaskThatIsSubmittedWhileItEnds() throws Exception {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch submitting = new CountDownLatch(2);
        List<Thread> producers = new ArrayList<>();
        for (int p = 0; p < 2; p++) {
            Thread producer = new Thread(() -> submitUntilEnded(taken, ran, submitting));
            producers.add(producer);
            producer.start();
        }
        submitting.await();
        loop.requestShutdown();
        assertThat(loop.awaitTermination(Duration.ofSeconds(10))).isTrue();
        for (Thread producer : producers) {
            producer.join();
        }
        await().until(() -> ran.get() == taken.get());
    }

    private void submitUntilEnded(AtomicInteger taken, AtomicInteger ran, CountDownLatch submitting) {
        while (true) {
            try {
                loop.execute(ran::incrementAndGet);
                taken.incrementAndGet();
            } catch (RejectedExecutionException e) {
                if (e.getMessage().contains("has ended")) {
                    return;
                }
            }
            submitting.countDown();
        }
    }

    @Test
    void shouldEndWhenATaskSubmitsItselfForEver() throws Exception {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                loop.execute(this);
            }
        });
        loop.requestShutdown();
        assertThat(loop.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void shouldEndWhenItIsAskedToFromItself() throws Exception {
        onLoop(loop::requestShutdown);
        assertThat(loop.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }

    // ---------------------------------------------------------------- from which thread

    @Test
    void shouldThrowWhenUsedOnAnotherThread() throws Exception {
        assertThat(loop.isInLoop()).isFalse();
        assertThat(EventLoop.isLoopThread()).isFalse();
        assertThatThrownBy(loop::requireInLoop)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tested-loop")
                .hasMessageContaining(Thread.currentThread().getName());
        assertThatThrownBy(() -> loop.schedule(Duration.ZERO, () -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> loop.register(null, 0, null)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> loop.buffers().acquire(1)).isInstanceOf(IllegalStateException.class);
        onLoop(() -> {
            assertThat(loop.isInLoop()).isTrue();
            assertThat(EventLoop.isLoopThread()).isTrue();
            loop.requireInLoop();
        });
    }

    @Test
    void shouldRefuseNullTasks() throws Exception {
        assertThatThrownBy(() -> loop.execute(null)).isInstanceOf(NullPointerException.class);
        onLoop(() ->
                assertThatThrownBy(() -> loop.schedule(Duration.ZERO, null)).isInstanceOf(NullPointerException.class));
    }

    // ---------------------------------------------------------------- what these tests use

    private interface LoopCall<T> {
        T run() throws Exception;
    }

    private interface LoopTask {
        void run() throws Exception;
    }

    /** A selection handler that does one thing. */
    private record Selected(LoopTask task) implements dev.sluice.nio.spi.SelectionHandler {
        @Override
        public void onRegistered(SelectionKey key) {}

        @Override
        public void onSelected(int readyOps) {
            try {
                task.run();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Returns once the loop waits for what is returned. */
    private CountDownLatch blockLoop() throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch blocking = new CountDownLatch(1);
        loop.execute(() -> {
            blocking.countDown();
            awaitQuietly(blocked);
        });
        blocking.await();
        return blocked;
    }

    private void onLoop(LoopTask task) throws Exception {
        onLoop(() -> {
            task.run();
            return null;
        });
    }

    private <T> T onLoop(LoopCall<T> call) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(call.run());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }

    private void advance(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    /** Returns once the loop is about to sleep, or asleep, with nothing left to do. */
    private void awaitAsleep() throws Exception {
        selectors.last().sleeps().drainPermits();
        onLoop(() -> {});
        assertThat(selectors.last().sleeps().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
