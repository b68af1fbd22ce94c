package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all rounds over one transport yielded. Not thread-safe. */
final class EchoResults {
    private final Map<EchoPeer, Map<EchoTest, Map<EchoMetric, List<Double>>>> rounds = new EnumMap<>(EchoPeer.class);

    /** Adds a round of one server. */
    void add(EchoPeer peer, EchoTest test, Map<EchoMetric, Double> measured) {
        Map<EchoMetric, List<Double>> lists = rounds.computeIfAbsent(peer, p -> new EnumMap<>(EchoTest.class))
                .computeIfAbsent(test, t -> new EnumMap<>(EchoMetric.class));
        measured.forEach((metric, value) ->
                lists.computeIfAbsent(metric, m -> new ArrayList<>()).add(value));
    }

    /** Returns the servers that took part. */
    List<EchoPeer> peers() {
        return List.copyOf(rounds.keySet());
    }

    /** Returns what the measurement of this kind yields, in the order of columns. */
    List<EchoMetric> metrics(EchoTest test) {
        return List.copyOf(rounds.get(peers().get(0)).get(test).keySet());
    }

    /** Returns the value of each round. */
    List<Double> rounds(EchoPeer peer, EchoTest test, EchoMetric metric) {
        return rounds.get(peer).get(test).get(metric);
    }

    Spread spread(EchoPeer peer, EchoTest test, EchoMetric metric) {
        return Spread.of(rounds(peer, test, metric).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    /** Returns whom others are compared to: of the servers that are references, the one with the better median. */
    Optional<EchoPeer> reference(EchoTest test, EchoMetric metric) {
        Comparator<EchoPeer> worseFirst = (a, b) -> {
            double left = spread(a, test, metric).median();
            double right = spread(b, test, metric).median();
            return left == right ? 0 : metric.isBetter(left, right) ? 1 : -1;
        };
        return peers().stream().filter(EchoPeer::isReference).max(worseFirst);
    }

    /** Returns the ratio to the reference, taken round by round, so that what disturbs a whole round falls out. */
    Optional<Spread> ratio(EchoPeer peer, EchoTest test, EchoMetric metric) {
        if (!metric.hasRatio()) {
            return Optional.empty();
        }
        return reference(test, metric).map(reference -> {
            List<Double> own = rounds(peer, test, metric);
            List<Double> theirs = rounds(reference, test, metric);
            double[] ratios = new double[own.size()];
            for (int round = 0; round < ratios.length; round++) {
                ratios[round] = own.get(round) / theirs.get(round);
            }
            return Spread.of(ratios);
        });
    }
}
