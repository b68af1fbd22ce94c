package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BufferPoolTest {
    private final BufferPool pool = BufferPool.builder().leakTracking(true).build();

    @ParameterizedTest
    @CsvSource({
        "0, 1024",
        "1, 1024",
        "1024, 1024",
        "1025, 2048",
        "65536, 65536",
        "65537, 131072",
        "1048575, 1048576",
        "1048576, 1048576",
        "1048577, 1048577",
        "3000000, 3000000"
    })
    void shouldLendTheSmallestSizeThatIsEnough(int wanted, int expected) throws TransportException {
        PooledBuffer buffer = pool.acquire(wanted);
        assertThat(buffer.buffer().capacity()).isEqualTo(expected);
        assertThat(buffer.buffer().isDirect()).isTrue();
        assertThat(buffer.buffer().alignmentOffset(0, BufferPool.ALIGNMENT)).isZero();
        assertThat(pool.outstandingBytes()).isEqualTo(expected);
        buffer.release();
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldLendTheSameMemoryAgainAndCleared() throws TransportException {
        PooledBuffer first = pool.acquire(5000);
        var memory = first.buffer();
        memory.position(100).limit(200);
        first.release();
        assertThat(pool.pooledBytes()).isEqualTo(8192);
        PooledBuffer second = pool.acquire(8000);
        assertThat(second.buffer()).isSameAs(memory);
        assertThat(second.buffer().position()).isZero();
        assertThat(second.buffer().limit()).isEqualTo(8192);
        assertThat(pool.pooledBytes()).isZero();
        second.release();
    }

    @Test
    void shouldNotPoolWhatIsLargerThanTheLargestSize() throws TransportException {
        pool.acquire((1 << 20) + 1).release();
        assertThat(pool.pooledBytes()).isZero();
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldLendSmallPiecesUnderPressure() throws TransportException {
        BufferPool small = BufferPool.builder().maxOutstandingBytes(1 << 20).build();
        List<PooledBuffer> lent = new ArrayList<>();
        int[] wanted = {512 << 10, 256 << 10, 256 << 10, 128 << 10, 128 << 10, 100, 64 << 10};
        for (int bytes : wanted) {
            lent.add(small.acquireUpTo(bytes));
        }
        assertThat(lent)
                .extracting(buffer -> buffer.buffer().capacity())
                .containsExactly(512 << 10, 256 << 10, 4096, 4096, 4096, 1024, 64 << 10);
        lent.add(small.acquire(128 << 10));
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> {
                    while (true) {
                        lent.add(small.acquireUpTo(100_000));
                    }
                })
                .withMessageContaining("4096 bytes more would exceed the 1048576 bytes that may be lent")
                .withMessageContaining("BufferPool.Builder.maxOutstandingBytes");
        lent.forEach(PooledBuffer::release);
        assertThat(small.outstandingBytes()).isZero();
    }

    @Test
    void shouldRefuseANegativeSize() {
        assertThatThrownBy(() -> pool.acquire(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldThrowWhenReleasedTwice() throws TransportException {
        PooledBuffer buffer = pool.acquire(1);
        buffer.release();
        assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
        assertThat(pool.outstandingBytes()).isZero();
        assertThat(pool.pooledBytes()).isEqualTo(1024);
    }

    @Test
    void shouldThrowWhenUsedAfterRelease() throws TransportException {
        PooledBuffer buffer = pool.acquire(1);
        buffer.release();
        assertThatThrownBy(buffer::buffer).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldKeepNoMoreFreeMemoryThanTheCap() throws TransportException {
        BufferPool small = BufferPool.builder().maxPooledBytes(4096).build();
        List<PooledBuffer> lent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            lent.add(small.acquire(1024));
        }
        lent.forEach(PooledBuffer::release);
        assertThat(small.pooledBytes()).isEqualTo(4096);
        assertThat(small.outstandingBytes()).isZero();
    }

    @Test
    void shouldKeepNoFreeMemoryWhenTheCapIsZero() throws TransportException {
        BufferPool none = BufferPool.builder().maxPooledBytes(0).build();
        none.acquire(1024).release();
        assertThat(none.pooledBytes()).isZero();
    }

    @Test
    void shouldRefuseToLendMoreThanTheCapAndGoOnAfterwards() throws TransportException {
        BufferPool small = BufferPool.builder().maxOutstandingBytes(1 << 20).build();
        PooledBuffer half = small.acquire(512 << 10);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> small.acquire(1 << 20))
                .withMessageContaining("maxOutstandingBytes")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
        assertThat(small.outstandingBytes()).isEqualTo(512 << 10);
        small.acquire(512 << 10).release();
        half.release();
        small.acquire(1 << 20).release();
    }

    @Test
    void shouldBeUnderPressureAboveSevenEighthsOfTheCap() throws TransportException {
        BufferPool small = BufferPool.builder().maxOutstandingBytes(1 << 20).build();
        PooledBuffer most = small.acquire(512 << 10);
        PooledBuffer more = small.acquire(256 << 10);
        PooledBuffer last = small.acquire(128 << 10);
        assertThat(small.isUnderPressure()).isFalse();
        PooledBuffer drop = small.acquire(1);
        assertThat(small.isUnderPressure()).isTrue();
        drop.release();
        assertThat(small.isUnderPressure()).isFalse();
        List.of(most, more, last).forEach(PooledBuffer::release);
    }

    @Test
    void shouldSayLimitExceededWhenTheJvmHasNoMemoryLeft() {
        BufferPool boundless =
                BufferPool.builder().maxOutstandingBytes(Long.MAX_VALUE).build();
        List<PooledBuffer> lent = new ArrayList<>();
        try {
            assertThatExceptionOfType(TransportException.class)
                    .isThrownBy(() -> {
                        while (true) {
                            lent.add(boundless.acquire(1 << 30));
                        }
                    })
                    .withMessageContaining("MaxDirectMemorySize")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
            assertThat(boundless.outstandingBytes()).isEqualTo((long) lent.size() << 30);
        } finally {
            lent.forEach(PooledBuffer::release);
        }
        assertThat(boundless.outstandingBytes()).isZero();
    }

    @Test
    void shouldSayWhereABufferThatIsStillLentWasAcquired() throws TransportException {
        PooledBuffer forgotten = pool.acquire(3000);
        pool.acquire(1).release();
        assertThat(pool.outstanding()).singleElement().satisfies(leak -> {
            assertThat(leak)
                    .hasMessageContaining("4096 bytes")
                    .hasMessageContaining(Thread.currentThread().getName());
            assertThat(leak.getStackTrace())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("shouldSayWhereABufferThatIsStillLentWasAcquired");
        });
        forgotten.release();
        assertThat(pool.outstanding()).isEmpty();
    }

    @Test
    void shouldTrackNothingWhenTrackingIsOff() throws TransportException {
        BufferPool untracked = BufferPool.builder().leakTracking(false).build();
        PooledBuffer buffer = untracked.acquire(1);
        assertThat(untracked.outstanding()).isEmpty();
        assertThat(untracked.outstandingBytes()).isEqualTo(1024);
        buffer.release();
    }

    @Test
    void shouldRefuseSettingsOutOfRange() {
        assertThatThrownBy(() -> BufferPool.builder().maxPooledBytes(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BufferPool.builder().maxOutstandingBytes((1 << 20) - 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---------------------------------------------------------------- the part of a loop

    @Test
    void shouldTakeBackWhatAnotherThreadReleases() throws Exception {
        BufferPool.Cache cache = pool.cacheFor(Thread.currentThread());
        PooledBuffer buffer = cache.acquire(2000);
        var memory = buffer.buffer();
        onAnotherThread(buffer::release);
        assertThat(pool.outstandingBytes()).isZero();
        assertThat(pool.pooledBytes()).isEqualTo(2048);
        PooledBuffer again = cache.acquire(2000);
        assertThat(again.buffer()).isSameAs(memory);
        again.release();
    }

    @Test
    void shouldRefuseToLendFromALoopsPartToAnotherThread() throws Exception {
        BufferPool.Cache cache = pool.cacheFor(Thread.currentThread());
        onAnotherThread(() -> assertThatThrownBy(() -> cache.acquire(1)).isInstanceOf(IllegalStateException.class));
        assertThat(pool.outstandingBytes()).isZero();
    }

    @Test
    void shouldGiveWhatALoopKeptToOthersWhenTheLoopEnds() throws Exception {
        try (EventLoopGroup group =
                EventLoopGroup.builder().loops(1).buffers(pool).build()) {
            CompletableFuture<Void> released = new CompletableFuture<>();
            group.next().execute(() -> {
                try {
                    group.loops().get(0).buffers().acquire(64 << 10).release();
                    released.complete(null);
                } catch (TransportException e) {
                    released.completeExceptionally(e);
                }
            });
            released.get(10, TimeUnit.SECONDS);
            assertThat(pool.pooledBytes()).isEqualTo(64 << 10);
        }
        PooledBuffer buffer = pool.acquire(64 << 10);
        assertThat(pool.pooledBytes())
                .as("nothing is counted that nobody can have")
                .isZero();
        buffer.release();
    }

    @Test
    void shouldCountRightWhenManyThreadsBorrowAndPassOn() throws Exception {
        BufferPool small = BufferPool.builder()
                .maxPooledBytes(256 << 10)
                .maxOutstandingBytes(1 << 20)
                .leakTracking(true)
                .build();
        Queue<PooledBuffer> passedOn = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int w = 0; w < 4; w++) {
            int seed = w;
            workers.add(CompletableFuture.runAsync(
                    () -> borrowAndPassOn(small, seed, passedOn), BufferPoolTest::startThread));
        }
        for (CompletableFuture<Void> worker : workers) {
            worker.get(30, TimeUnit.SECONDS);
        }
        passedOn.forEach(PooledBuffer::release);
        assertThat(small.outstandingBytes()).isZero();
        assertThat(small.outstanding()).isEmpty();
        assertThat(small.pooledBytes()).isBetween(0L, 256L << 10);
    }

    private static void borrowAndPassOn(BufferPool pool, int seed, Queue<PooledBuffer> passedOn) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5000; i++) {
            PooledBuffer fromOthers = random.nextBoolean() ? passedOn.poll() : null;
            if (fromOthers != null) {
                fromOthers.release();
                continue;
            }
            try {
                passedOn.add(pool.acquire(random.nextInt(100_000)));
            } catch (TransportException e) {
                assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED);
            }
        }
    }

    private static void startThread(Runnable body) {
        new Thread(body, "another").start();
    }

    private static void onAnotherThread(Runnable task) throws Exception {
        CompletableFuture.runAsync(task, body -> new Thread(body, "another").start())
                .get(10, TimeUnit.SECONDS);
    }
}
