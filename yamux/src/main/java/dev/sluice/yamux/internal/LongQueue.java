package dev.sluice.yamux.internal;

import java.util.Arrays;

/** A queue of numbers that its caller bounds, without an object for each. Confined to its caller. */
final class LongQueue {
    private static final int FIRST_CAPACITY = 8;

    private long[] ring = new long[FIRST_CAPACITY];
    private int head;
    private int size;

    /** Adds a number at the end, if fewer than {@code limit} are there. */
    boolean offer(long value, int limit) {
        if (size >= limit) {
            return false;
        }
        if (size == ring.length) {
            grow();
        }
        ring[(head + size++) % ring.length] = value;
        return true;
    }

    /** Takes the first number; there must be one. */
    long remove() {
        long value = ring[head];
        head = (head + 1) % ring.length;
        size--;
        return value;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void clear() {
        head = 0;
        size = 0;
    }

    private void grow() {
        long[] larger = Arrays.copyOf(ring, 2 * ring.length);
        System.arraycopy(ring, 0, larger, ring.length, head);
        ring = larger;
    }
}
