package dev.sluice.bench.harness;

import java.util.Comparator;
import java.util.Optional;

/**
 * What all rounds yielded, with ratios to the best of those that are references. Not thread-safe.
 *
 * @param <S> contenders, in the order of reports
 * @param <T> tests
 */
public class ComparedResults<S extends Contender & Comparable<? super S>, T extends TitledTest & Comparable<? super T>>
        extends RoundResults<S, T> {
    /** Returns whom others are compared to: of the contenders that are references, the one with the better median. */
    public final Optional<S> reference(T test, Metric metric) {
        Comparator<S> worseFirst = (a, b) -> {
            double left = spread(a, test, metric).median();
            double right = spread(b, test, metric).median();
            return left == right ? 0 : metric.isBetter(left, right) ? 1 : -1;
        };
        return servers(test).stream().filter(Contender::isReference).max(worseFirst);
    }

    /** Returns the ratio to the reference, if there is one and the metric is more than background. */
    public final Optional<Spread> ratio(S contender, T test, Metric metric) {
        if (!metric.hasRatio()) {
            return Optional.empty();
        }
        return reference(test, metric).map(reference -> ratio(contender, reference, test, metric));
    }
}
