package dev.sluice.nio;

import java.util.Arrays;

/**
 * The timers of one loop: a binary heap in which every timer knows its place, so that cancelling costs as little as adding and
 * leaves nothing behind. Loop-confined. Deadlines are compared by difference, as {@link System#nanoTime()} asks for.
 */
final class TimerQueue {
    private Timeout[] heap = new Timeout[64];
    private int size;

    Timeout add(long deadlineNanos, Runnable task) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        Timeout timeout = new Timeout(this, deadlineNanos, task);
        siftUp(size++, timeout);
        return timeout;
    }

    void remove(Timeout timeout) {
        int hole = timeout.index;
        timeout.unqueued();
        Timeout last = heap[--size];
        heap[size] = null;
        if (last == timeout) {
            return;
        }
        if (hole > 0 && isBefore(last, heap[(hole - 1) / 2])) {
            siftUp(hole, last);
        } else {
            siftDown(hole, last);
        }
    }

    /** Takes out the first timer if it is due. */
    Runnable pollDue(long nowNanos) {
        if (size == 0 || heap[0].deadlineNanos - nowNanos > 0) {
            return null;
        }
        Timeout first = heap[0];
        remove(first);
        return first.task;
    }

    /** Returns how long until the first timer is due, at least 0; {@code Long.MAX_VALUE} if there is none. */
    long nanosToNext(long nowNanos) {
        return size == 0 ? Long.MAX_VALUE : Math.max(0, heap[0].deadlineNanos - nowNanos);
    }

    private void siftUp(int from, Timeout timeout) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) / 2;
            if (!isBefore(timeout, heap[parent])) {
                break;
            }
            put(place, heap[parent]);
            place = parent;
        }
        put(place, timeout);
    }

    private void siftDown(int from, Timeout timeout) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], timeout)) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, timeout);
    }

    private void put(int place, Timeout timeout) {
        heap[place] = timeout;
        timeout.index = place;
    }

    private static boolean isBefore(Timeout a, Timeout b) {
        return a.deadlineNanos - b.deadlineNanos < 0;
    }
}
