package dev.sluice.nio.internal;

import java.util.concurrent.atomic.AtomicIntegerArray;
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
    private static final FilePath[] PATHS = FilePath.values();

    /** KiB per second, smoothed; 0 while unknown. */
    private final AtomicIntegerArray rates = new AtomicIntegerArray(PATHS.length);

    private final AtomicIntegerArray samples = new AtomicIntegerArray(PATHS.length);
    private final AtomicLong slices = new AtomicLong();

    /** Returns the path for a whole transfer that is too short to be measured. */
    FilePath fastest() {
        FilePath best = FilePath.SENDFILE;
        for (FilePath path : PATHS) {
            if (rates.get(path.ordinal()) > rates.get(best.ordinal())) {
                best = path;
            }
        }
        return best;
    }

    /** Returns the path for the next slice. */
    FilePath forNextSlice() {
        long slice = slices.getAndIncrement();
        for (FilePath path : PATHS) {
            if (samples.get(path.ordinal()) < FIRST_TRIALS && isUsable(path)) {
                return path;
            }
        }
        if (slice % SLICES_PER_TRIAL == 0) {
            FilePath trial = PATHS[(int) (slice / SLICES_PER_TRIAL % PATHS.length)];
            return isUsable(trial) ? trial : fastest();
        }
        return fastest();
    }

    /** Tells how long a slice took. */
    void record(FilePath path, long bytes, long nanos) {
        long rate = Math.min(Integer.MAX_VALUE, bytes * 1_000_000 / Math.max(1, nanos) * 1000 / 1024);
        int before = rates.get(path.ordinal());
        int n = samples.incrementAndGet(path.ordinal());
        rates.set(path.ordinal(), n == 1 ? (int) rate : (int) (before + (rate - before) / 4));
    }

    private static boolean isUsable(FilePath path) {
        return path != FilePath.MAPPED || FileMapping.canUnmap();
    }
}
