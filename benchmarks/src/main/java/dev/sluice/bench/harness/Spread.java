package dev.sluice.bench.harness;

import java.util.Arrays;
import java.util.Locale;

/**
 * The median of some rounds and how far they lie apart.
 *
 * @param median the middle one, or the mean of the middle two
 * @param min the least
 * @param max the greatest
 */
public record Spread(double median, double min, double max) {
    /** Returns the spread of at least one value. */
    public static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** Returns the same in another unit. */
    public Spread scaled(double factor) {
        return new Spread(median * factor, min * factor, max * factor);
    }

    /** Returns the median alone. */
    public String formatMedian(int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", median);
    }

    /** Returns, for example, {@code 181 [176-184]}. */
    public String format(int decimals) {
        String number = "%." + decimals + "f";
        return String.format(Locale.ROOT, number + " [" + number + "-" + number + "]", median, min, max);
    }
}
