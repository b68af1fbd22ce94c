package dev.sluice.cli;

import dev.sluice.cli.files.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line on a terminal that shows how far a transfer is, how fast, and how long it will still take. Speed is that of the last
 * seconds, the remaining time follows from it. One thread.
 */
final class ProgressBar implements Progress, AutoCloseable {
    private static final long REDRAW_NANOS = 100_000_000;
    private static final double NANOS_PER_SECOND = 1e9;
    /** Weight of the past at each redraw: speeds of about the last two seconds count. */
    private static final double SMOOTHING = 0.95;

    private static final int BAR_WIDTH = 20;
    private static final int NAME_WIDTH = 20;
    private static final String ERASE_LINE = "\r\033[K";

    private final String name;
    private final PrintStream terminal;
    private final LongSupplier nanoClock;
    private final long startNanos;

    private long drawnNanos;
    private long drawnBytes;
    private double bytesPerSecond;
    private double weight;
    private boolean drawn;

    ProgressBar(String name, PrintStream terminal, LongSupplier nanoClock) {
        this.name = name.length() <= NAME_WIDTH ? name : name.substring(0, NAME_WIDTH - 3) + "...";
        this.terminal = terminal;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
        this.drawnNanos = startNanos;
    }

    @Override
    public void moved(long doneBytes, long totalBytes) {
        long now = nanoClock.getAsLong();
        long elapsed = now - drawnNanos;
        if (elapsed < REDRAW_NANOS) {
            return;
        }
        double speed = (double) (doneBytes - drawnBytes) * NANOS_PER_SECOND / elapsed;
        double past = Math.pow(SMOOTHING, (double) elapsed / REDRAW_NANOS);
        bytesPerSecond = bytesPerSecond * past + speed * (1 - past);
        weight = weight * past + (1 - past); // until the past is long enough, it counts for what there is of it
        drawnNanos = now;
        drawnBytes = doneBytes;
        draw(doneBytes, totalBytes);
    }

    private void draw(long doneBytes, long totalBytes) {
        double speed = bytesPerSecond / weight;
        double part = totalBytes == 0 ? 1 : (double) doneBytes / totalBytes;
        int full = (int) (part * BAR_WIDTH);
        terminal.print(ERASE_LINE
                + String.format(
                        Locale.ROOT,
                        "%s %3d%% [%s%s] %s of %s  %s/s  %s",
                        name,
                        (int) (part * 100),
                        "#".repeat(full),
                        " ".repeat(BAR_WIDTH - full),
                        ByteSize.show(doneBytes),
                        ByteSize.show(totalBytes),
                        ByteSize.show(speed),
                        remaining(totalBytes - doneBytes, speed)));
        terminal.flush();
        drawn = true;
    }

    private static String remaining(long bytes, double bytesPerSecond) {
        if (bytesPerSecond < 1) {
            return "stalled";
        }
        long seconds = (long) Math.ceil((double) bytes / bytesPerSecond);
        return seconds >= 3600
                ? String.format(Locale.ROOT, "%d:%02d:%02d left", seconds / 3600, seconds / 60 % 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60);
    }

    /** Replaces the bar by a line that says what was done. */
    void finish(long bytes) {
        double seconds = (double) (nanoClock.getAsLong() - startNanos) / NANOS_PER_SECOND;
        close();
        terminal.println(String.format(
                Locale.ROOT,
                "%s: %s in %.2f s, %s",
                name,
                ByteSize.show(bytes),
                seconds,
                ByteSize.showPerSecond(bytes, seconds)));
    }

    /** Takes the bar off the screen. */
    @Override
    public void close() {
        if (drawn) {
            terminal.print(ERASE_LINE);
            terminal.flush();
            drawn = false;
        }
    }
}
