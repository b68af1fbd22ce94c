package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();
    private final ProgressBar bar =
            new ProgressBar("data", new PrintStream(screen, true, StandardCharsets.UTF_8), nanos::get);

    private String lastLine() {
        String all = screen.toString(StandardCharsets.UTF_8);
        return all.substring(all.lastIndexOf('\r') + 1).replace("\033[K", "");
    }

    @Test
    void shouldShowSpeedAndRemainingTime() {
        for (int second = 1; second <= 10; second++) {
            nanos.set(TimeUnit.SECONDS.toNanos(second));
            bar.moved(second * MIB, 100 * MIB);
        }

        assertThat(lastLine()).isEqualTo("data  10% [##                  ] 10.0 MiB of 100 MiB  1.00 MiB/s  1:30 left");
        assertThat(lastLine().length()).isLessThan(80);
    }

    @Test
    void shouldDrawNoMoreThanTenTimesASecond() {
        for (int i = 0; i < 1000; i++) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
            bar.moved(i, 1000);
        }

        assertThat(screen.toString(StandardCharsets.UTF_8).split("\r", -1)).hasSize(11);
    }

    @Test
    void shouldSaySoWhenNothingMoves() {
        for (int second = 1; second <= 60; second++) {
            nanos.set(TimeUnit.SECONDS.toNanos(second));
            bar.moved(MIB, 100 * MIB);
        }

        assertThat(lastLine()).endsWith("stalled");
    }

    @Test
    void shouldLeaveASummaryWhenDone() {
        nanos.set(TimeUnit.SECONDS.toNanos(2));
        bar.moved(MIB, MIB);

        bar.finish(MIB);

        assertThat(lastLine()).isEqualTo("data: 1.00 MiB in 2.00 s, 512 KiB/s" + System.lineSeparator());
    }
}
