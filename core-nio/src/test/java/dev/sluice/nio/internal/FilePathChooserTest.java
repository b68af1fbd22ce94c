package dev.sluice.nio.internal;

import static dev.sluice.nio.internal.FilePath.COPY;
import static dev.sluice.nio.internal.FilePath.MAPPED;
import static dev.sluice.nio.internal.FilePath.SENDFILE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.internal.FilePathChooser.Plan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilePathChooserTest {
    private static final int SLICE_BYTES = 7 << 20;
    private static final long SLOW = 2_000_000;
    private static final long USUAL = 1_000_000;
    private static final long FAST = 500_000;

    private final FilePathChooser chooser = new FilePathChooser(List.of(MAPPED, SENDFILE, COPY));
    private final Plan plan = chooser.plan();

    @Test
    void shouldStayWithTheFirstPathWithoutWins() {
        for (int run = 0; run < 2000; run++) {
            complete(plan, USUAL);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldTakeAChallengerThatWinsFiveTrialsInARow() {
        for (int win = 0; win < FilePathChooser.WINS_NEEDED; win++) {
            assertThat(chooser.plan().path()).as("champion after %d wins", win).isEqualTo(MAPPED);
            assertThat(trial(plan, USUAL, FAST, USUAL)).as("trial %d", win).isEqualTo(SENDFILE);
        }
        assertThat(chooser.plan().path()).isEqualTo(SENDFILE);
        assertThat(plan.path()).isEqualTo(SENDFILE);
    }

    @Test
    void shouldNotTakeAChallengerThatWinsFourTimesAndLoses() {
        for (int win = 0; win < 4; win++) {
            trial(plan, USUAL, FAST, USUAL);
        }
        trial(plan, USUAL, USUAL, USUAL);
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
        assertThat(trial(plan, USUAL, FAST, USUAL)).as("whose turn it is").isEqualTo(COPY);
        for (int win = 1; win < 4; win++) {
            trial(plan, USUAL, FAST, USUAL);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
        trial(plan, USUAL, FAST, USUAL);
        assertThat(chooser.plan().path()).isEqualTo(COPY);
    }

    @Test
    void shouldNotTakeAChallengerThatIsOnlyALittleFaster() {
        for (int i = 0; i < 2 * FilePathChooser.WINS_NEEDED; i++) {
            trial(plan, USUAL, USUAL * 95 / 100, USUAL);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldNotCountADipOfOneNeighbourAsAWin() {
        for (int i = 0; i < FilePathChooser.WINS_NEEDED; i++) {
            trial(plan, SLOW, USUAL, USUAL);
            trial(plan, USUAL, USUAL, SLOW);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldChangeNothingWhenTheWholeMachineIsSlowForAWhile() {
        for (int run = 0; run < 2000; run++) {
            complete(plan, run / 7 % 2 == 0 ? USUAL : SLOW);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldNotCompareTheFirstRunOfASocket() {
        for (int socket = 0; socket < 100; socket++) {
            Plan fresh = chooser.plan();
            complete(fresh, SLOW); // its congestion window grows
            assertThat(fresh.path()).as("after the first run").isEqualTo(MAPPED);
        }
        assertThat(trials(chooser.plan(), FilePathChooser.MIN_TRIAL_INTERVAL))
                .as("first runs bring no trial nearer")
                .isEmpty();
    }

    @Test
    void shouldNotTimeTheBeginningOfARun() {
        for (int i = 0; i < FilePathChooser.WINS_NEEDED; i++) {
            awaitTrial(plan, USUAL);
            complete(plan, 1, FAST); // the buffers take it at once
            complete(plan, 100 * SLOW, USUAL);
        }
        assertThat(chooser.plan().path()).isEqualTo(SENDFILE);
    }

    @Test
    void shouldMakeTrialsRarerTheLongerAChampionStands() {
        int last = FilePathChooser.MAX_TRIAL_INTERVAL;
        assertThat(distances(8)).containsExactly(16, 32, 64, 128, last, last, last, last);
    }

    @Test
    void shouldMakeTrialsFrequentAgainWhenTheChampionChanges() {
        distances(5);
        for (int i = 0; i < FilePathChooser.WINS_NEEDED; i++) {
            trial(plan, USUAL, FAST, USUAL);
        }
        assertThat(chooser.plan().path()).isNotEqualTo(MAPPED);
        assertThat(distances(3)).containsExactly(16, 32, 64);
    }

    @Test
    void shouldGiveEveryOtherPathItsTurn() {
        assertThat(trials(plan, 800)).containsExactly(SENDFILE, COPY, SENDFILE, COPY, SENDFILE, COPY);
    }

    @Test
    void shouldCountNothingOfARunThatIsNotFinished() {
        for (int i = 0; i < 2 * FilePathChooser.WINS_NEEDED; i++) {
            Plan abandoned = chooser.plan();
            awaitTrial(abandoned, USUAL);
            slices(abandoned, FilePathChooser.RUN_BYTES - SLICE_BYTES, FAST);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldCountNothingOfATrialWithoutItsSecondNeighbour() {
        for (int i = 0; i < 2 * FilePathChooser.WINS_NEEDED; i++) {
            Plan abandoned = chooser.plan();
            awaitTrial(abandoned, USUAL);
            complete(abandoned, FAST);
            slices(abandoned, FilePathChooser.RUN_BYTES - SLICE_BYTES, USUAL);
        }
        assertThat(chooser.plan().path()).isEqualTo(MAPPED);
    }

    @Test
    void shouldJudgeTrialsWhenManySocketsSendAtATime() {
        List<Plan> plans = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            plans.add(chooser.plan());
        }
        for (int round = 0; round < 300; round++) {
            for (Plan each : plans) {
                complete(each, each.path() == COPY ? FAST : USUAL);
            }
        }
        assertThat(chooser.plan().path()).isEqualTo(COPY);
    }

    @Test
    void shouldIgnoreATrialAgainstAFormerChampion() {
        Plan late = chooser.plan();
        awaitTrial(late, USUAL);
        complete(late, FAST);
        for (int i = 0; i < FilePathChooser.WINS_NEEDED; i++) {
            trial(plan, USUAL, FAST, USUAL);
        }
        FilePath champion = chooser.plan().path();
        complete(late, USUAL);
        assertThat(late.path()).isEqualTo(champion);
        assertThat(chooser.plan().path()).isEqualTo(champion);
    }

    // ---------------------------------------------------------------- what these tests use

    /** Runs one trial; returns who challenged. Times are per slice. */
    private FilePath trial(Plan plan, long before, long during, long after) {
        awaitTrial(plan, before);
        FilePath challenger = plan.path();
        complete(plan, during);
        complete(plan, after);
        return challenger;
    }

    /** Completes runs of the champion until a challenger has its turn. */
    private void awaitTrial(Plan plan, long nanos) {
        FilePath champion = chooser.plan().path();
        for (int run = 0; plan.path() == champion; run++) {
            assertThat(run).as("runs without a trial").isLessThan(1000);
            complete(plan, nanos);
        }
    }

    /** Completes runs that are all equally fast; returns the challengers among them. */
    private List<FilePath> trials(Plan plan, int runs) {
        FilePath champion = chooser.plan().path();
        List<FilePath> challengers = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            if (plan.path() != champion) {
                challengers.add(plan.path());
            }
            complete(plan, USUAL);
        }
        return challengers;
    }

    /** Returns how many compared runs of the champion lie before each of the next trials, which all are lost. */
    private List<Integer> distances(int trials) {
        List<Integer> distances = new ArrayList<>();
        Plan fresh = chooser.plan();
        FilePath champion = fresh.path();
        complete(fresh, USUAL); // not compared
        for (int i = 0; i < trials; i++) {
            int runs = 0;
            while (fresh.path() == champion) {
                complete(fresh, USUAL);
                runs++;
            }
            complete(fresh, USUAL);
            distances.add(runs);
        }
        return distances;
    }

    private static void complete(Plan plan, long nanosPerSlice) {
        complete(plan, nanosPerSlice, nanosPerSlice);
    }

    /** Completes a run whose first slice takes another time. */
    private static void complete(Plan plan, long nanosOfFirstSlice, long nanosPerSlice) {
        slices(plan, FilePathChooser.SETTLE_BYTES, nanosOfFirstSlice);
        slices(plan, FilePathChooser.RUN_BYTES - FilePathChooser.SETTLE_BYTES, nanosPerSlice);
    }

    private static void slices(Plan plan, int bytes, long nanosPerSlice) {
        for (int left = bytes; left > 0; left -= SLICE_BYTES) {
            assertThat(plan.left()).isGreaterThanOrEqualTo(SLICE_BYTES);
            plan.sent(SLICE_BYTES, nanosPerSlice);
        }
    }
}
