package dev.sluice.tls;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Takes one periodic task and runs it when told, on the caller's thread: no time passes. */
final class ManualScheduler extends ScheduledThreadPoolExecutor {
    private Optional<Task> task = Optional.empty();
    private Duration interval = Duration.ZERO;

    ManualScheduler() {
        super(0);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable action, long initialDelay, long delay, TimeUnit unit) {
        interval = Duration.of(delay, unit.toChronoUnit());
        Task scheduled = new Task(action);
        task = Optional.of(scheduled);
        return scheduled;
    }

    /** Lets the interval pass once. */
    void tick() {
        task.filter(scheduled -> !scheduled.isCancelled()).orElseThrow().action.run();
    }

    boolean isIdle() {
        return task.isEmpty() || task.get().isCancelled();
    }

    Duration interval() {
        return interval;
    }

    private static final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {
        private final Runnable action;

        Task(Runnable action) {
            super(action, null);
            this.action = action;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
