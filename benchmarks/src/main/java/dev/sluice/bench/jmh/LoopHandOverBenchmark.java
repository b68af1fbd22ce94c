package dev.sluice.bench.jmh;

import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
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

/** Handing tasks to a loop from another thread, which waits spinning. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class LoopHandOverBenchmark {
    private static final int BATCH = 10_000;

    /** What the loop does when idle: whether it has to be woken. */
    @Param({"BLOCK", "SPIN", "BUSY"})
    public Idle idle;

    private final Runnable nothing = new Nothing();
    private EventLoopGroup group;
    private EventLoop loop;
    private LoopBatch last;

    /** Starts the loop. */
    @Setup(Level.Trial)
    public void start() {
        group = EventLoopGroup.builder().loops(1).idle(idle.strategy()).build();
        loop = group.loops().get(0);
        last = new LoopBatch(loop, nothing::run);
    }

    /** One task, until the submitter sees that it has run. */
    @Benchmark
    public void roundTrip() {
        last.runAndWait();
    }

    /** Many tasks in a row, until the last has run: what each costs. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void throughput() {
        for (int i = 1; i < BATCH; i++) {
            loop.execute(nothing);
        }
        last.runAndWait();
    }

    /** Ends the loop. */
    @TearDown(Level.Trial)
    public void stop() {
        group.close();
    }

    private static final class Nothing implements Runnable {
        @Override
        public void run() {}
    }
}
