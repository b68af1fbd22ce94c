package dev.sluice.bench.jmh;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Borrowing a buffer and giving it back. A loop's own buffers are for its thread only, so those parts run on the loop in batches,
 * large enough for the hand-over not to count.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class BufferPoolBenchmark {
    private static final int BATCH = 10_000;
    /** Lent at a time before another thread gives them back. */
    private static final int LENT = 64;

    /** Bytes asked for. */
    @Param({"1024", "16384"})
    public int size;

    private final PooledBuffer[] lent = new PooledBuffer[LENT];
    private EventLoopGroup group;
    private EventLoop loop;
    private BufferPool pool;
    private LoopBatch onLoop;
    private LoopBatch onOtherLoop;
    private LoopBatch lendOnLoop;

    /** Starts the loop. */
    @Setup(Level.Trial)
    public void start() {
        group = EventLoopGroup.of(2);
        loop = group.loops().get(0);
        pool = group.buffers();
        EventLoop other = group.loops().get(1);
        onLoop = new LoopBatch(loop, () -> borrowBatch(loop));
        onOtherLoop = new LoopBatch(other, () -> borrowBatch(other));
        lendOnLoop = new LoopBatch(loop, this::lendBatch);
    }

    /** On the loop that the buffer is from: the way of every read and write. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void onOwnLoop() {
        onLoop.runAndWait();
    }

    /** The same on two loops at once, which share the pool: what one costs the other shows here. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void onTwoLoops() {
        onOtherLoop.submit();
        onLoop.runAndWait();
        onOtherLoop.await();
    }

    /** On a thread that is no loop: through the shared store. */
    @Benchmark
    public void onAnyThread() throws TransportException {
        pool.acquire(size).release();
    }

    /** Borrowed on the loop and given back by another thread, with a hand-over between for every {@value #LENT}. */
    @Benchmark
    @OperationsPerInvocation(LENT)
    public void releasedElsewhere() {
        lendOnLoop.runAndWait();
        for (PooledBuffer buffer : lent) {
            buffer.release();
        }
    }

    private void borrowBatch(EventLoop owner) throws TransportException {
        for (int i = 0; i < BATCH; i++) {
            owner.buffers().acquire(size).release();
        }
    }

    private void lendBatch() throws TransportException {
        for (int i = 0; i < LENT; i++) {
            lent[i] = loop.buffers().acquire(size);
        }
    }

    /** Ends the loop. */
    @TearDown(Level.Trial)
    public void stop() {
        group.close();
    }
}
