package dev.sluice.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 512}, {@code 64K}, {@code 256M}, {@code 1.5G}; K, M, G and T are powers of 1024.
 * Immutable.
 *
 * @param bytes at least zero
 */
record ByteSize(long bytes) {
    private static final String UNITS = "KMGT";
    private static final Pattern TEXT = Pattern.compile("(\\d{1,15})(\\.\\d{1,6})?([KMGT]?)(i?B)?");
    private static final int UNIT_SHIFT = 10;
    private static final double MAX_BYTES = 1L << 60;
    private static final double UNIT = 1 << UNIT_SHIFT;

    /** @throws IllegalArgumentException if the text is no size; the message says how it should look */
    static ByteSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.toUpperCase(Locale.ROOT).replace("IB", "B"));
        if (!matcher.matches()) {
            throw notASize(text);
        }
        int shift = matcher.group(3).isEmpty() ? 0 : UNIT_SHIFT * (UNITS.indexOf(matcher.group(3)) + 1);
        String fraction = matcher.group(2) == null ? "" : matcher.group(2);
        double bytes = Double.parseDouble(matcher.group(1) + fraction) * Math.pow(2, shift);
        if (bytes > MAX_BYTES || (shift == 0 && !fraction.isEmpty())) {
            throw notASize(text);
        }
        return new ByteSize(fraction.isEmpty() ? Long.parseLong(matcher.group(1)) << shift : (long) bytes);
    }

    private static IllegalArgumentException notASize(String text) {
        return new IllegalArgumentException("not a size: '" + text
                + "': write a number of bytes, or one with K, M, G or T (powers of 1024), as in 256M");
    }

    /** Returns the size with three digits and a unit. */
    @Override
    public String toString() {
        return show((double) bytes);
    }

    static String show(long bytes) {
        return show((double) bytes);
    }

    /** Returns a number of bytes with three digits and a unit. */
    static String show(double bytes) {
        double value = bytes;
        int unit = -1;
        while (value >= 1000 && unit < UNITS.length() - 1) { // four digits never
            value /= UNIT;
            unit++;
        }
        if (unit < 0) {
            return Math.round(value) + " B";
        }
        int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f %ciB", value, UNITS.charAt(unit));
    }

    /** Returns a speed. */
    static String showPerSecond(long bytes, double seconds) {
        return show((double) bytes / Math.max(seconds, 1e-9)) + "/s";
    }
}
