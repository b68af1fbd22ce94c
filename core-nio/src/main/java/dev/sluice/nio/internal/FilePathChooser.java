package dev.sluice.nio.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Chooses how large files go into sockets of one kind, by what was measured on them in this process. Which way is fastest depends
 * on the machine, the congestion control and the peer, and changes by a factor of two and more, so no table would be right for
 * long.
 *
 * <p>What a socket sends is cut into runs, each by one path: the champion's, but for trials. In a trial a challenger gets one
 * run between two of the champion, and wins if it was clearly faster than both. The figures of a single run say little, as the
 * peer and all else on the machine have their part in them; neighbours in time share most of that. Who wins several trials in
 * a row is the new champion. Trials become rarer the longer a champion stands.
 *
 * <p>Thread-safe, but for its {@link Plan}s, which are their sockets'.
 */
final class FilePathChooser {
    /** Sent at the beginning of a run before it is timed: about what the buffers at both ends hold of the run before. */
    static final int SETTLE_BYTES = 7 << 20;
    /** Large beside the buffers, so that a run's time is its own. */
    static final int RUN_BYTES = 42 << 20;
    /** Trials that a challenger has to win in a row. With 3, chance made a slower path the champion now and then. */
    static final int WINS_NEEDED = 5;

    static final int MIN_TRIAL_INTERVAL = 16;
    static final int MAX_TRIAL_INTERVAL = 256;

    private static final double CLEARLY = 1.1;

    /** All but the champion, the one whose trial is due first. */
    private final Deque<FilePath> challengers;
    /** Trials won in a row, of those who won their last one. */
    private final Map<FilePath, Integer> wins = new EnumMap<>(FilePath.class);

    private volatile FilePath champion;
    private int trialInterval = MIN_TRIAL_INTERVAL;
    private int runsSinceTrial;

    /** Creates a chooser; the first path is the champion until another wins. */
    FilePathChooser(List<FilePath> paths) {
        this.challengers = new ArrayDeque<>(paths);
        this.champion = challengers.removeFirst();
    }

    /** Returns a chooser of those of the paths that this JVM has. */
    static FilePathChooser of(FilePath... paths) {
        return new FilePathChooser(Stream.of(paths)
                .filter(path -> path != FilePath.MAPPED || FileMappings.canUnmap())
                .toList());
    }

    /** Returns the choices for one socket. */
    Plan plan() {
        return new Plan();
    }

    /** Returns who gets a trial now, if anybody: who won the last one, or the next in turn. */
    private synchronized Optional<FilePath> challenger() {
        if (!wins.isEmpty()) {
            return Optional.of(wins.keySet().iterator().next());
        }
        if (++runsSinceTrial < trialInterval) {
            return Optional.empty();
        }
        runsSinceTrial = 0;
        trialInterval = Math.min(2 * trialInterval, MAX_TRIAL_INTERVAL);
        challengers.addLast(challengers.removeFirst());
        return Optional.of(challengers.getLast());
    }

    private synchronized void judged(FilePath defender, FilePath challenger, boolean won) {
        if (defender != champion) {
            return; // another won meanwhile, on another socket
        }
        if (!won) {
            wins.remove(challenger);
        } else if (wins.merge(challenger, 1, Integer::sum) == WINS_NEEDED) {
            wins.clear();
            challengers.remove(challenger);
            challengers.addLast(defender);
            champion = challenger;
            trialInterval = MIN_TRIAL_INTERVAL;
            runsSinceTrial = 0;
        }
    }

    /** The choices for one socket, run after run. For the thread that sends. */
    final class Plan {
        private FilePath path = champion;
        /** A new socket's congestion window has yet to grow: its first run is not compared. */
        private boolean first = true;

        private Trial trial;
        private long sent;
        private long timedBytes;
        private long timedNanos;

        /** Returns the path of the current run. */
        FilePath path() {
            return path;
        }

        /** Returns how many bytes are left of the current run. */
        long left() {
            return RUN_BYTES - sent;
        }

        /** Tells that bytes were sent, at most {@link #left()}, and how long that took. */
        void sent(long bytes, long nanos) {
            if (sent >= SETTLE_BYTES) {
                timedBytes += bytes;
                timedNanos += nanos;
            }
            sent += bytes;
            if (sent == RUN_BYTES) {
                completed((double) timedBytes / Math.max(1, timedNanos));
                sent = 0;
                timedBytes = 0;
                timedNanos = 0;
            }
        }

        private void completed(double rate) {
            if (first) {
                first = false;
                path = champion;
            } else if (trial != null && path == trial.challenger) {
                trial.during = rate;
                path = trial.defender;
            } else {
                if (trial != null) {
                    judged(trial.defender, trial.challenger, trial.during > CLEARLY * Math.max(trial.before, rate));
                }
                begin(rate);
            }
        }

        /** Begins the next run, after one of the champion. */
        private void begin(double rate) {
            FilePath before = path;
            path = champion;
            trial = null;
            if (before == path) {
                challenger().ifPresent(challenger -> {
                    trial = new Trial(before, challenger, rate);
                    path = challenger;
                });
            }
        }
    }

    /** A challenger's run between two of the champion. Rates are in bytes per nanosecond. */
    private static final class Trial {
        final FilePath defender;
        final FilePath challenger;
        final double before;
        double during;

        Trial(FilePath defender, FilePath challenger, double before) {
            this.defender = defender;
            this.challenger = challenger;
            this.before = before;
        }
    }
}
