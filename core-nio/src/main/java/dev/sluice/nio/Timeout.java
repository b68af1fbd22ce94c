package dev.sluice.nio;

/** Something that a loop will do at a later time. Loop-confined. */
public final class Timeout {
    private static final int NOT_QUEUED = -1;

    final long deadlineNanos;
    final Runnable task;
    /** Where this stands in the heap of its queue. */
    int index = NOT_QUEUED;

    private final TimerQueue queue;

    Timeout(TimerQueue queue, long deadlineNanos, Runnable task) {
        this.queue = queue;
        this.deadlineNanos = deadlineNanos;
        this.task = task;
    }

    /** Returns when this is due, as a time of {@link EventLoop#nanoTime()}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Returns whether this still waits to run. */
    public boolean isPending() {
        return index != NOT_QUEUED;
    }

    /** Makes this not run. Idempotent; nothing happens if it has run already. */
    public void cancel() {
        if (isPending()) {
            queue.remove(this);
        }
    }

    void unqueued() {
        index = NOT_QUEUED;
    }
}
