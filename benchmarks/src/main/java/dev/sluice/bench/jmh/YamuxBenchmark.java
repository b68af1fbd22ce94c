package dev.sluice.bench.jmh;

import dev.sluice.bench.yamux.YamuxPair;
import java.io.IOException;
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

/** Writes on a stream of a session, until the other side has read them; both sides are on one loop. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class YamuxBenchmark {
    /** Writes that follow one another at once. */
    static final int WRITES = 256;

    /** Transfers of so many writes in one measured call, so that handing over to the loop is noise. */
    static final int TRANSFERS = 100;

    /** What is below the session. */
    @Param({"memory:yamux-benchmark", "tcp://127.0.0.1:0"})
    public String endpoint;

    /** The size of a write. */
    @Param({"128", "65536"})
    public int writeBytes;

    private YamuxPair pair;

    /** Connects. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        pair = new YamuxPair(endpoint, writeBytes);
    }

    /** One write behind the other. */
    @Benchmark
    @OperationsPerInvocation(TRANSFERS * WRITES)
    public void write() throws InterruptedException {
        pair.transfer(TRANSFERS, WRITES);
    }

    /** Ends the loop. */
    @TearDown(Level.Trial)
    public void stop() {
        pair.close();
    }
}
