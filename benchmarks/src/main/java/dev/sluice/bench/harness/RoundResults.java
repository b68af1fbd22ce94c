package dev.sluice.bench.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What all rounds yielded, by server and test. Not thread-safe.
 *
 * @param <S> servers, in the order of reports
 * @param <T> tests
 */
public class RoundResults<S extends Comparable<? super S>, T extends Comparable<? super T>> {
    private final Map<S, Map<T, Map<Metric, List<Double>>>> rounds = new TreeMap<>();

    /** Adds a round of one server. */
    public final void add(S server, T test, Map<Metric, Double> measured) {
        Map<Metric, List<Double>> lists =
                rounds.computeIfAbsent(server, s -> new TreeMap<>()).computeIfAbsent(test, t -> new TreeMap<>());
        measured.forEach((metric, value) ->
                lists.computeIfAbsent(metric, m -> new ArrayList<>()).add(value));
    }

    /** Returns the servers that took part in any test. */
    public final List<S> servers() {
        return List.copyOf(rounds.keySet());
    }

    /** Returns the servers that took part in a test. */
    public final List<S> servers(T test) {
        return rounds.keySet().stream()
                .filter(server -> rounds.get(server).containsKey(test))
                .toList();
    }

    /** Returns the tests that were made. */
    public final List<T> tests() {
        return rounds.values().stream()
                .flatMap(ofServer -> ofServer.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Returns what the test yields, in the order of columns. */
    public final List<Metric> metrics(T test) {
        return List.copyOf(rounds.get(servers(test).get(0)).get(test).keySet());
    }

    /** Returns the value of each round. */
    public final List<Double> rounds(S server, T test, Metric metric) {
        return rounds.get(server).get(test).get(metric);
    }

    /** Returns the spread over all rounds. */
    public final Spread spread(S server, T test, Metric metric) {
        return Spread.of(rounds(server, test, metric).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    /** Returns the ratio of one server to another, taken round by round, so that what disturbs a whole round falls out. */
    public final Spread ratio(S server, S reference, T test, Metric metric) {
        List<Double> own = rounds(server, test, metric);
        List<Double> theirs = rounds(reference, test, metric);
        double[] ratios = new double[own.size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = own.get(round) / theirs.get(round);
        }
        return Spread.of(ratios);
    }
}
