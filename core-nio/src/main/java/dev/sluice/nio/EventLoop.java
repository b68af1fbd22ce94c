package dev.sluice.nio;

import dev.sluice.nio.internal.FlightEvents;
import dev.sluice.nio.spi.AbstractConnection;
import dev.sluice.nio.spi.SelectionHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;

/**
 * One thread with a selector, timers and a task queue; connections live on it. It never blocks but in the selector: no disk,
 * no name resolution, no user code that waits.
 *
 * <p>A turn: timers that are due, then tasks, then what the selector found ready. Each part is bounded, so none starves
 * the others. {@link #execute} and {@link #post} wake the selector only when the loop sleeps.
 *
 * <p><b>Threading:</b> {@link #execute}, {@link #post}, {@link #isInLoop()} and the counters are thread-safe; all else is for the
 * loop's own thread and throws {@link IllegalStateException} elsewhere.
 */
public final class EventLoop implements Executor {
    private static final Logger LOG = System.getLogger(EventLoop.class.getName());

    private static final int TASK_QUEUE_CHUNK = 1024;
    private static final int TIMERS_PER_TURN = 1024;
    private static final long SLOW_TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often what waits is run while the loop ends: enough for chains of tasks that come to an end. */
    private static final int SHUTDOWN_ROUNDS = 100;
    /** Deadlines are compared by difference, so none may be half the range away. */
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final EventLoopGroup group;
    private final EventLoopGroup.Config config;
    private final Thread thread;
    private final MpscUnboundedAtomicArrayQueue<Runnable> tasks = new MpscUnboundedAtomicArrayQueue<>(TASK_QUEUE_CHUNK);
    private final TimerQueue timers = new TimerQueue();
    private final BufferPool.Cache buffers;
    private final LoopSelector selector;
    private final Lookout lookout;
    private final Set<AbstractConnection> connections = new LinkedHashSet<>();
    /** What waits for this loop to do something, and must not wait for ever when it ends. */
    private final Set<CompletableFuture<?>> pending = new LinkedHashSet<>();

    private final BooleanSupplier hasWork = this::hasWork;
    private final CountDownLatch terminated = new CountDownLatch(1);

    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong slowTurns = new AtomicLong();

    /** Tasks that came too late, until their submitters are told; guards the queue once the loop does not poll any more. */
    private final List<Runnable> leftOver = new ArrayList<>();

    private boolean lastLookTaken;

    /** No less than this many tasks must have been submitted before one is refused; behind the truth until looked at. */
    private volatile long refuseAt;

    private volatile boolean shuttingDown;
    /** No task is taken any more. */
    private volatile boolean ended;

    private volatile int connectionCount;

    EventLoop(EventLoopGroup group, EventLoopGroup.Config config, String name) throws IOException {
        this.group = group;
        this.config = config;
        this.selector = new LoopSelector(config, name);
        this.thread = new LoopThread(this::run, name);
        this.buffers = config.buffers().cacheFor(thread);
        this.lookout = new Lookout(config.idle());
    }

    void start() {
        thread.start();
    }

    /** Returns the group that this loop is one of. */
    public EventLoopGroup group() {
        return group;
    }

    /** Returns whether the caller is this loop's thread. */
    public boolean isInLoop() {
        return Thread.currentThread() == thread;
    }

    /** Returns whether the caller is the thread of any loop, which must not block. */
    public static boolean isLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Throws unless the caller is this loop's thread. */
    public void requireInLoop() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("must run on " + thread.getName() + ", runs on "
                    + Thread.currentThread().getName() + " (use EventLoop.execute)");
        }
    }

    /**
     * Runs a task on the loop, in order of submission. What it throws is logged.
     *
     * @throws RejectedExecutionException if as many tasks wait as may, or the loop has ended
     */
    @Override
    public void execute(Runnable task) {
        if (isQueueFull()) {
            throw new RejectedExecutionException(thread.getName() + " has " + config.taskQueueCapacity()
                    + " tasks waiting (EventLoopGroup.Builder.taskQueueCapacity)");
        }
        if (!post(task)) {
            throw new RejectedExecutionException(thread.getName() + " has ended");
        }
    }

    /** Looks at the loop's end of the queue only when it may have to refuse: producers and the loop share little else. */
    private boolean isQueueFull() {
        long submitted = tasks.currentProducerIndex();
        if (submitted < refuseAt) {
            return false;
        }
        refuseAt = tasks.currentConsumerIndex() + config.taskQueueCapacity();
        return submitted >= refuseAt;
    }

    /**
     * As {@link #execute}, in order with it, but never refused while the loop lives, however many tasks wait: for transports and
     * protocols, whose tasks carry what must not be lost, such as that there is input or that a connection is to be closed.
     * Whoever calls this sees to it that no more of its tasks wait than a few for each connection.
     *
     * @return false if the loop has ended, and with it its connections: then the task does not run
     */
    public boolean post(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (ended) {
            return false;
        }
        tasks.offer(task);
        if (ended && isLeftOver(task)) {
            return false;
        }
        if (!isInLoop()) {
            selector.wakeIfAsleep();
        }
        return true;
    }

    /** Says whether a task came after the loop looked at its queue for the last time: then nobody will run it. */
    private boolean isLeftOver(Runnable task) {
        synchronized (leftOver) { // stands in for the loop as the queue's only consumer
            if (!lastLookTaken) {
                return false;
            }
            for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                leftOver.add(next);
            }
            return leftOver.remove(task);
        }
    }

    /**
     * Runs a task on the loop after a delay. Resolution is a millisecond.
     *
     * @param delay at least 0; more than a century is for ever
     */
    public Timeout schedule(Duration delay, Runnable task) {
        return scheduleAt(deadlineAfter(delay), task);
    }

    /** Returns the time of {@link #nanoTime()} after a delay; more than a century is for ever. Any thread. */
    public long deadlineAfter(Duration delay) {
        return nanoTime() + (delay.compareTo(FOREVER) < 0 ? delay : FOREVER).toNanos();
    }

    /** Runs a task on the loop at a time of {@link #nanoTime()}. Resolution is a millisecond. */
    public Timeout scheduleAt(long deadlineNanos, Runnable task) {
        requireInLoop();
        return timers.add(deadlineNanos, Objects.requireNonNull(task, "task"));
    }

    /** Returns the time of the group's clock in nanoseconds. Any thread. */
    public long nanoTime() {
        return config.nanoClock().getAsLong();
    }

    /** Returns the buffers of this loop. */
    public BufferPool.Cache buffers() {
        return buffers;
    }

    /**
     * Registers a channel with the selector, for transports. The channel must be non-blocking and of the group's selector
     * provider.
     */
    public void register(SelectableChannel channel, int ops, SelectionHandler handler) throws ClosedChannelException {
        requireInLoop();
        selector.register(channel, ops, handler);
    }

    /** Adds a connection to those that are closed with the loop, for transports. */
    public void add(AbstractConnection connection) {
        requireInLoop();
        connections.add(connection);
        connectionCount = connections.size();
    }

    /** Takes a connection out again, for transports. */
    public void remove(AbstractConnection connection) {
        requireInLoop();
        connections.remove(connection);
        connectionCount = connections.size();
    }

    /** Adds a result, as of an attempt to connect, which fails when the loop ends before it is removed, for transports. */
    public void addPending(CompletableFuture<?> result) {
        requireInLoop();
        pending.add(result);
    }

    /** Takes a result out again, for transports. */
    @SuppressWarnings("CollectionUndefinedEquality") // its identity is what is meant
    public void removePending(CompletableFuture<?> result) {
        requireInLoop();
        pending.remove(result);
    }

    /**
     * Says that more input is due at once, for protocols: a loop whose {@link IdleStrategy} is adaptive then looks for it before
     * it sleeps, which spares the peer the wake-up. Not to be called for input that other threads process: a loop that looks
     * takes the processor from them. Holds for the loop's next wait.
     */
    public void expectInput() {
        requireInLoop();
        lookout.expectInput();
    }

    /** Returns how many connections live here. Any thread. */
    public int connectionCount() {
        return connectionCount;
    }

    /** Returns the counters. Any thread. */
    public Stats stats() {
        return new Stats(
                turns.get(),
                selector.wakeups(),
                lookout.looks(),
                lookout.looksPaid(),
                slowTurns.get(),
                selector.rebuilds(),
                connectionCount,
                tasks.size());
    }

    /**
     * What a loop has done since it started.
     *
     * @param turns times around
     * @param wakeups times another thread had to wake the selector
     * @param looks waits that began with looking again instead of sleeping, as the {@link IdleStrategy} has it
     * @param looksPaid looks that found what the loop would have had to be woken for
     * @param slowTurns turns that took more than 100 ms without the wait for something to do: something blocked the loop
     * @param selectorRebuilds times the selector was replaced because it kept coming back with nothing
     * @param connections open now
     * @param queuedTasks waiting now
     */
    public record Stats(
            long turns,
            long wakeups,
            long looks,
            long looksPaid,
            long slowTurns,
            long selectorRebuilds,
            int connections,
            int queuedTasks) {}

    private void run() {
        try {
            while (!shuttingDown) {
                turn();
            }
        } finally {
            try {
                shutDown();
            } finally {
                terminated.countDown();
            }
        }
    }

    private void turn() {
        long start = nanoTime();
        boolean moreTimers = runTimers(start);
        boolean moreTasks = runTasks();
        long now = nanoTime();
        selector.beginTurn();
        try {
            if (moreTimers || moreTasks || shuttingDown) {
                selector.selectNow();
            } else {
                idle(now);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, thread.getName() + ": select failed, replacing the selector", e);
            selector.replace();
        }
        turns.lazySet(turns.get() + 1);
        long busyNanos = now - start + selector.busyNanos();
        if (busyNanos > SLOW_TURN_NANOS) {
            slowTurns.lazySet(slowTurns.get() + 1);
            FlightEvents.slowTurn(thread.getName(), busyNanos);
        }
    }

    private boolean runTimers(long now) {
        for (int i = 0; i < TIMERS_PER_TURN; i++) {
            Runnable due = timers.pollDue(now);
            if (due == null) {
                return false;
            }
            runSafely(due);
        }
        return true;
    }

    private boolean runTasks() {
        for (int i = 0; i < config.tasksPerTurn(); i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return false;
            }
            runSafely(task);
        }
        return !tasks.isEmpty();
    }

    /** One failing task must not end the loop and with it all its connections, whatever it throws. */
    @SuppressWarnings("CatchAndPrintStackTrace")
    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            LOG.log(Level.ERROR, thread.getName() + ": a task failed", t);
        }
    }

    /** Looks again for as long as the strategy says, then sleeps until a channel, a timer or a task. */
    private void idle(long begin) throws IOException {
        if (!tasks.isEmpty() || timers.nanosToNext(begin) == 0) {
            selector.selectNow(); // there is nothing to wait for, and what is expected still is
            return;
        }
        long spinNanos = lookout.begin();
        long now = begin;
        while (now - begin < spinNanos) {
            if (selector.selectNow() > 0 || hasWork()) {
                if (now > begin) { // else it was there before the look, and sleep would have ended at once, too
                    lookout.paid();
                }
                return;
            }
            Thread.onSpinWait();
            now = nanoTime();
            if (timers.nanosToNext(now) == 0) {
                return;
            }
        }
        if (spinNanos > 0) {
            lookout.wasInVain();
        }
        selector.sleep(now, timers.nanosToNext(now), hasWork);
    }

    private boolean hasWork() {
        return !tasks.isEmpty() || shuttingDown;
    }

    /** Asks the loop to close its connections and end. */
    void requestShutdown() {
        shuttingDown = true;
        selector.wake();
    }

    boolean awaitTermination(Duration limit) throws InterruptedException {
        return terminated.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends what lives here, and what the tasks that still wait bring to life; then refuses tasks and looks once more. */
    private void shutDown() {
        TransportException cause = new TransportException(Reason.SHUTDOWN, thread.getName() + " is shutting down");
        endAll(cause);
        for (int round = 0; round < SHUTDOWN_ROUNDS && !tasks.isEmpty(); round++) {
            runWaitingTasks();
            endAll(cause);
        }
        ended = true;
        takeLastLook().forEach(this::runSafely);
        endAll(cause);
        buffers.retire();
        selector.close();
    }

    private List<Runnable> takeLastLook() {
        List<Runnable> last = new ArrayList<>();
        synchronized (leftOver) {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                last.add(task);
            }
            lastLookTaken = true;
        }
        return last;
    }

    private void endAll(TransportException cause) {
        for (AbstractConnection connection : Set.copyOf(connections)) {
            runSafely(() -> connection.abort(cause));
        }
        for (CompletableFuture<?> result : Set.copyOf(pending)) {
            runSafely(() -> result.completeExceptionally(cause));
        }
        pending.clear();
    }

    /** Runs as many tasks as wait now, so that one that submits itself again cannot keep the loop from ending. */
    private void runWaitingTasks() {
        for (int left = tasks.size(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            runSafely(task);
        }
    }

    private static final class LoopThread extends Thread {
        LoopThread(Runnable body, String name) {
            super(body, name);
            setDaemon(true);
        }
    }
}
