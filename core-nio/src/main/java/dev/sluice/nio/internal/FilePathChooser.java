package dev.sluice.nio.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Chooses how a file goes into a socket, by what was measured on sockets of the same kind in this process. Which way is fastest
 * depends on the machine, the congestion control and the peer, and changes by a factor of two and more, so no table would be
 * right for long.
 *
 * <p>Large transfers are cut into slices of {@link #SLICE_BYTES}, each sent by one path and timed. Every path is tried at first;
 * then the fastest is used and, once in {@link #SLICES_PER_TRIAL} slices, another is tried again. Transfers shorter than a
 * slice use the fastest known so far and are not timed: they end before the socket's buffers fill.
 *
 * <p>Thread-safe; racing updates may lose a sample, which does no harm.
 */
final class FilePathChooser {
    /** Large beside the socket's buffers, so that a slice's time is its own and not that of the one before. */
    static final int SLICE_BYTES = 8 << 20;

    private static final int SLICES_PER_TRIAL = 64;
    private static final int FIRST_TRIALS = 2;

    /** Usable paths; the first is used until something is known. */
    private final List<Candidate> paths = new ArrayList<>();

    private final AtomicLong slices = new AtomicLong();

    FilePathChooser() {
        paths.add(new Candidate(FilePath.SENDFILE));
        if (FileMapping.canUnmap()) {
            paths.add(new Candidate(FilePath.MAPPED));
        }
        paths.add(new Candidate(FilePath.COPY));
    }

    /** Returns the path for a whole transfer that is too short to be measured. */
    FilePath fastest() {
        Candidate best = paths.get(0);
        for (Candidate candidate : paths) {
            if (candidate.bytesPerMilli > best.bytesPerMilli) {
                best = candidate;
            }
        }
        return best.path;
    }

    /** Returns the path for the next slice. */
    FilePath forNextSlice() {
        long slice = slices.getAndIncrement();
        for (Candidate candidate : paths) {
            if (candidate.samples < FIRST_TRIALS) {
                return candidate.path;
            }
        }
        boolean trial = slice % SLICES_PER_TRIAL == 0;
        return trial ? paths.get((int) (slice / SLICES_PER_TRIAL % paths.size())).path : fastest();
    }

    /** Tells how long a slice took. */
    void record(FilePath path, long bytes, long nanos) {
        for (Candidate candidate : paths) {
            if (candidate.path == path) {
                candidate.add(bytes * 1_000_000 / Math.max(1, nanos));
            }
        }
    }

    /** What is known of one path. */
    private static final class Candidate {
        final FilePath path;
        volatile long bytesPerMilli;
        volatile int samples;

        Candidate(FilePath path) {
            this.path = path;
        }

        /** Rises at once and falls slowly: what disturbs a slice only ever slows it down, so the best ones tell the truth. */
        @SuppressWarnings("NonAtomicVolatileUpdate") // a lost sample does no harm
        void add(long rate) {
            long before = bytesPerMilli;
            bytesPerMilli = rate > before ? rate : before - (before - rate) / 8;
            samples++;
        }
    }
}
