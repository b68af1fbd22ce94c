package dev.sluice.yamux.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Streams by id, without an object for each lookup: a table with open addressing, at most half full, that grows and never
 * shrinks. Who chooses ids so that they collide makes a lookup pass as many streams as may be live, and no more. Confined to its caller.
 */
final class StreamTable {
    private static final int FIRST_CAPACITY = 16;

    private YamuxStream[] slots = new YamuxStream[FIRST_CAPACITY];
    private int size;

    /** Returns the stream, or null if there is none with this id. */
    YamuxStream find(long id) {
        int at = homeOf(id);
        while (slots[at] != null) {
            if (slots[at].id() == id) {
                return slots[at];
            }
            at = after(at);
        }
        return null;
    }

    /** Adds a stream whose id is not in the table. */
    void add(YamuxStream stream) {
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        place(stream);
        size++;
    }

    /** Removes a stream that is in the table, and moves those up that it kept from their places. */
    void remove(YamuxStream stream) {
        int hole = homeOf(stream.id());
        while (slots[hole] != stream) {
            hole = after(hole);
        }
        slots[hole] = null;
        size--;
        for (int at = after(hole); slots[at] != null; at = after(at)) {
            YamuxStream moved = slots[at];
            slots[at] = null;
            place(moved);
        }
    }

    /** Returns the streams of this moment, in no order. */
    List<YamuxStream> all() {
        List<YamuxStream> all = new ArrayList<>(size);
        for (YamuxStream stream : slots) {
            if (stream != null) {
                all.add(stream);
            }
        }
        return all;
    }

    private void place(YamuxStream stream) {
        int at = homeOf(stream.id());
        while (slots[at] != null) {
            at = after(at);
        }
        slots[at] = stream;
    }

    private void grow() {
        YamuxStream[] old = slots;
        slots = new YamuxStream[2 * old.length];
        for (YamuxStream stream : old) {
            if (stream != null) {
                place(stream);
            }
        }
    }

    private int homeOf(long id) {
        int spread = (int) id * 0x9E3779B9;
        return spread >>> Integer.numberOfLeadingZeros(slots.length - 1);
    }

    private int after(int at) {
        return at + 1 & slots.length - 1;
    }
}
