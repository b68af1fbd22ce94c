package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TimerQueueTest {
    private final TimerQueue queue = new TimerQueue();
    private final List<Long> ran = new ArrayList<>();

    /** One step in the life of a queue; {@code amount} is a delay, which timer, or how far the clock goes on. */
    record Step(Kind kind, int amount) {
        enum Kind {
            ADD,
            CANCEL,
            ADVANCE
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step.Kind> kinds = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(6, Step.Kind.ADD),
                net.jqwik.api.Tuple.of(3, Step.Kind.CANCEL),
                net.jqwik.api.Tuple.of(2, Step.Kind.ADVANCE));
        return kinds.flatMap(kind -> Arbitraries.integers().between(0, 300).map(amount -> new Step(kind, amount)))
                .list()
                .ofMaxSize(400);
    }

    /** Where clocks may stand: {@link System#nanoTime()} promises nothing but differences. */
    @Provide
    Arbitrary<Long> origins() {
        return Arbitraries.of(0L, -150L, Long.MAX_VALUE - 500, Long.MIN_VALUE, 123_456_789_000L);
    }

    @Property(tries = 300)
    void shouldRunWhatASortedListWouldRun(@ForAll("steps") List<Step> steps, @ForAll("origins") long origin) {
        List<Timeout> model = new ArrayList<>();
        List<Timeout> added = new ArrayList<>();
        long now = origin;
        for (Step step : steps) {
            switch (step.kind()) {
                case ADD -> {
                    Timeout timeout = add(now + step.amount());
                    model.add(timeout);
                    added.add(timeout);
                }
                case CANCEL -> {
                    if (!added.isEmpty()) {
                        Timeout chosen = added.get(step.amount() % added.size());
                        assertThat(chosen.isPending()).isEqualTo(model.remove(chosen));
                        chosen.cancel();
                        assertThat(chosen.isPending()).isFalse();
                    }
                }
                case ADVANCE -> {
                    now += step.amount();
                    assertThat(runDue(now)).isEqualTo(takeDue(model, now));
                }
            }
            assertThat(queue.nanosToNext(now)).isEqualTo(nanosToFirst(model, now));
        }
        assertThat(runDue(now + 1000)).isEqualTo(takeDue(model, now + 1000));
        assertThat(queue.nanosToNext(now)).as("nothing is left").isEqualTo(Long.MAX_VALUE);
    }

    private Timeout add(long deadline) {
        return queue.add(deadline, () -> ran.add(deadline));
    }

    private List<Long> runDue(long now) {
        ran.clear();
        for (Runnable due = queue.pollDue(now); due != null; due = queue.pollDue(now)) {
            due.run();
        }
        return ran;
    }

    private static List<Long> takeDue(List<Timeout> model, long now) {
        List<Timeout> due = model.stream()
                .filter(t -> t.deadlineNanos - now <= 0)
                .sorted(Comparator.comparingLong(t -> t.deadlineNanos - now))
                .toList();
        model.removeAll(due);
        return due.stream().map(t -> t.deadlineNanos).toList();
    }

    private static long nanosToFirst(List<Timeout> model, long now) {
        return model.stream()
                .mapToLong(t -> Math.max(0, t.deadlineNanos - now))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    @Example
    void shouldNotBePendingWhenItRan() {
        Timeout timeout = add(10);
        assertThat(timeout.isPending()).isTrue();
        assertThat(timeout.deadlineNanos()).isEqualTo(10);
        assertThat(queue.pollDue(9)).isNull();
        assertThat(queue.pollDue(10)).isNotNull();
        assertThat(timeout.isPending()).isFalse();
        timeout.cancel();
        assertThat(queue.nanosToNext(10)).as("nothing is left").isEqualTo(Long.MAX_VALUE);
    }

    @Example
    void shouldNotRunInTheSameRoundWhatATimerAddsForLater() {
        queue.add(1, () -> add(5));
        assertThat(runDue(4)).isEmpty();
        assertThat(runDue(5)).containsExactly(5L);
    }
}
