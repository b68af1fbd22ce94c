package dev.sluice.nio.internal;

import static dev.sluice.nio.internal.SendPages.ALIGNMENT;
import static dev.sluice.nio.internal.SendPages.LEAST_ROOM;
import static dev.sluice.nio.internal.SendPages.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SendPagesTest {
    private final SendPages pages = new SendPages();

    @Test
    void shouldFindAFreshStreamAligned() {
        assertThat(pages.bytesToAlign(0)).isZero();
        assertThat(pages.bytesToAlign(5L << 30)).isZero();
    }

    @Test
    void shouldFillAPageSoFarThatTheNextIsBegun() {
        pages.wrote(4);
        assertThat(pages.bytesToAlign(0)).isEqualTo(32_736);
    }

    @Test
    void shouldFindWhatFollowsAligned() {
        for (int before = 0; before <= 2 * PAGE_BYTES; before += 7) {
            for (long position : new long[] {0, 1, 31, 32, 4097, (3L << 30) + 15}) {
                SendPages fresh = new SendPages();
                fresh.wrote(before);
                int first = fresh.bytesToAlign(position);
                fresh.wrote(first);
                assertThat(first).isBetween(0, PAGE_BYTES - 1);
                assertThat(fresh.bytesToAlign(position + first))
                        .as("%d bytes before, position %d", before, position)
                        .isZero();
            }
        }
    }

    @Test
    void shouldStayAlignedThroughWholePages() {
        pages.wrote(4);
        int first = pages.bytesToAlign(0);
        pages.wrote(first);
        for (int i = 0; i < 100; i++) {
            pages.wrote(28 * PAGE_BYTES);
        }
        assertThat(pages.bytesToAlign(first + 100L * 28 * PAGE_BYTES)).isZero();
    }

    @Test
    void shouldBeginThePageAfterOneThatIsAlmostFull() {
        pages.wrote(PAGE_BYTES - LEAST_ROOM + 1);
        pages.wrote(ALIGNMENT);
        assertThat(pages.bytesToAlign(ALIGNMENT)).isZero();
    }
}
