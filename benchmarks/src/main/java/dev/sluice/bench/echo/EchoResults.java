package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Metric;
import dev.sluice.bench.harness.RoundResults;
import dev.sluice.bench.harness.Spread;
import java.util.Comparator;
import java.util.Optional;

/** What all rounds over one transport yielded. Not thread-safe. */
final class EchoResults extends RoundResults<EchoPeer, EchoTest> {
    /** Returns whom others are compared to: of the servers that are references, the one with the better median. */
    Optional<EchoPeer> reference(EchoTest test, Metric metric) {
        Comparator<EchoPeer> worseFirst = (a, b) -> {
            double left = spread(a, test, metric).median();
            double right = spread(b, test, metric).median();
            return left == right ? 0 : metric.isBetter(left, right) ? 1 : -1;
        };
        return servers().stream().filter(EchoPeer::isReference).max(worseFirst);
    }

    /** Returns the ratio to the reference, if there is one and the metric is more than background. */
    Optional<Spread> ratio(EchoPeer peer, EchoTest test, Metric metric) {
        if (!metric.hasRatio()) {
            return Optional.empty();
        }
        return reference(test, metric).map(reference -> ratio(peer, reference, test, metric));
    }
}
