package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.EventLoopGroup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX) // says what is mapped
class RetiredMappingsTest {
    private static final int SLICE_BYTES = 7 << 20;
    private static final int LIMIT_BYTES = 10 * SLICE_BYTES;

    /** Those that were asked for. */
    private final Queue<Runnable> checks = new ArrayDeque<>();

    private final RetiredMappings retired = new RetiredMappings(LIMIT_BYTES, checks::add);

    private MappedFile first;
    private MappedFile second;

    @BeforeEach
    void createFiles(@TempDir Path directory) throws IOException {
        first = MappedFile.sparse(directory.resolve("first"), SLICE_BYTES);
        second = MappedFile.sparse(directory.resolve("second"), 3L << 30);
    }

    @AfterEach
    void close() throws IOException {
        retired.close();
        assertThat(first.mappedBytes() + second.mappedBytes()).isZero();
        assertThat(retired.waitingBytes()).isZero();
    }

    @Test
    void shouldUnmapWhenNothingWasRetiredForAnInterval() throws Exception {
        retire(first);
        check();
        assertThat(first.mappedBytes()).as("retired within the interval").isEqualTo(SLICE_BYTES);
        retire(second);
        check();
        assertThat(first.mappedBytes()).as("another was").isEqualTo(SLICE_BYTES);
        check();
        assertThat(first.mappedBytes()).isZero();
        assertThat(second.mappedBytes()).isZero();
        assertThat(retired.waitingBytes()).isZero();
    }

    @Test
    void shouldCheckOnlyWhileSomethingWaits() throws Exception {
        assertThat(checks).isEmpty();
        retire(first);
        retire(second);
        assertThat(checks).hasSize(1);
        check();
        assertThat(checks).hasSize(1);
        check();
        assertThat(checks).isEmpty();
        retire(first);
        assertThat(checks).hasSize(1);
    }

    @Test
    void shouldUnmapAfterAWhileAlthoughOthersAreRetired() throws Exception {
        RetiredMappings roomy = new RetiredMappings(Long.MAX_VALUE, checks::add);
        retire(roomy, first, 0);
        for (int i = 0; i < RetiredMappings.MAX_CHECKS; i++) {
            assertThat(first.mappedBytes()).as("after %d checks", i).isEqualTo(SLICE_BYTES);
            retire(roomy, second, 0);
            check();
        }
        retire(roomy, second, 0);
        check();
        assertThat(first.mappedBytes()).isZero();
        assertThat(second.mappedBytes()).as("those that are younger").isPositive();
        roomy.close();
    }

    @Test
    void shouldUnmapTheOldestWhenMoreIsRetiredThanMayWait() throws Exception {
        retire(first);
        for (int i = 1; i < LIMIT_BYTES / SLICE_BYTES; i++) {
            retire(second);
        }
        assertThat(first.mappedBytes()).as("at the limit").isEqualTo(SLICE_BYTES);
        retire(second);
        assertThat(first.mappedBytes()).isZero();
        assertThat(second.mappedBytes()).isEqualTo(LIMIT_BYTES);
    }

    @Test
    void shouldHoldNoMoreThanTheLimitOfAFileThatIsLarger() throws Exception {
        for (long position = 0; position <= (3L << 30) - SLICE_BYTES; position += SLICE_BYTES) {
            retire(retired, second, position);
            assertThat(second.mappedBytes()).isBetween(1L, (long) LIMIT_BYTES);
        }
        assertThat(second.mappedBytes()).isEqualTo(LIMIT_BYTES);
        assertThat(retired.waitingBytes()).isEqualTo(LIMIT_BYTES);
    }

    @Test
    void shouldUnmapAtOnceWhenNothingMayWait() throws Exception {
        retire(new RetiredMappings(0, checks::add), first, 0);
        assertThat(first.mappedBytes()).isZero();
        assertThat(checks).isEmpty();
    }

    @Test
    void shouldUnmapAtOnceWhenThereIsNoThreadToDoItLater() throws Exception {
        RetiredMappings alone = new RetiredMappings(LIMIT_BYTES, check -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        retire(alone, first, 0);
        assertThat(first.mappedBytes()).isZero();
        retire(alone, second, 0);
        assertThat(second.mappedBytes()).isZero();
    }

    @Test
    void shouldUnmapWhenTheGroupIsClosedAndAtOnceFromThenOn() throws Exception {
        EventLoopGroup group = EventLoopGroup.of(1);
        assertThat(group.shared(RetiredMappings.class, () -> retired)).isSameAs(RetiredMappings.of(group));
        retire(first);
        group.close();
        assertThat(first.mappedBytes()).isZero();
        retire(second);
        assertThat(second.mappedBytes()).isZero();
    }

    @Test
    void shouldUnmapOnTheOtherThreadWhenClosedOnALoop() throws Exception {
        try (EventLoopGroup group = EventLoopGroup.of(1)) {
            retire(first);
            CompletableFuture.runAsync(retired::close, group.next()).get(10, TimeUnit.SECONDS);
            assertThat(first.mappedBytes()).as("on the loop").isEqualTo(SLICE_BYTES);
            check();
            assertThat(first.mappedBytes()).isZero();
        }
    }

    @Test
    void shouldUnmapByItselfInAGroupThatStaysOpen() throws Exception {
        try (EventLoopGroup group = EventLoopGroup.of(1)) {
            retire(RetiredMappings.of(group), first, 0);
            await().until(() -> first.mappedBytes() == 0);
        }
    }

    @Test
    void shouldNotHoldTheFileOpen() throws Exception {
        try (FileChannel open = first.open()) {
            assertThat(open.isOpen()).isTrue();
            assertThat(first.isOpen()).isTrue();
        }
        retire(first);
        assertThat(first.mappedBytes()).isEqualTo(SLICE_BYTES);
        assertThat(first.isOpen()).isFalse();
    }

    // ---------------------------------------------------------------- what these tests use

    private void retire(MappedFile file) throws IOException {
        retire(retired, file, 0);
    }

    private static void retire(RetiredMappings into, MappedFile file, long position) throws IOException {
        FileMappings mappings = FileMappings.shared();
        try (FileChannel channel = file.open()) {
            mappings.map(channel, position, SLICE_BYTES);
        }
        into.retire(mappings);
    }

    private void check() {
        checks.remove().run();
    }
}
