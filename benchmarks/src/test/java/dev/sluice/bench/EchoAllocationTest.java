package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.jmh.EchoBenchmark;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The promise that an echo allocates nothing, measured the way a user would: JMH with its gc profiler, in a JVM of its own. */
class EchoAllocationTest {
    /** The least that an allocation can add to each operation is the 16 bytes of an empty object. */
    private static final double NOISE_BYTES = 1;

    /** The harness allocates some 5 KB in each iteration: over fewer echoes that would not be noise. */
    private static final int MIN_OPERATIONS = 10_000;

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void shouldAllocateNothingPerEchoInSteadyState(String transport) throws RunnerException {
        System.setProperty("jmh.ignoreLock", "true"); // speed is not what is measured, others may measure theirs
        Options options = new OptionsBuilder()
                .include(EchoBenchmark.class.getName() + ".roundTrip")
                .param("transport", transport)
                .param("idle", "BLOCK")
                .addProfiler(GCProfiler.class)
                .forks(1)
                .jvmArgs("-Xmx256m", "-Dsluice.leaks=off")
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(4)
                .measurementTime(TimeValue.seconds(2))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        BenchmarkResult result =
                new Runner(options).runSingle().getBenchmarkResults().iterator().next();

        // The quietest iteration: a late compilation or a busy machine adds to some of them, an allocating path to all.
        IterationResult quietest = result.getIterationResults().stream()
                .min((a, b) -> Double.compare(bytesPerEcho(a), bytesPerEcho(b)))
                .orElseThrow();
        assertThat(quietest.getMetadata().getMeasuredOps()).isGreaterThan(MIN_OPERATIONS);
        assertThat(bytesPerEcho(quietest))
                .as("bytes allocated by all threads for each echo over %s", transport)
                .isLessThan(NOISE_BYTES);
    }

    /** JMH leaves it out where nothing at all was allocated: then the rate is 0, or no number if it could not be measured. */
    @SuppressWarnings("rawtypes") // JMH's
    private static double bytesPerEcho(IterationResult iteration) {
        Map<String, Result> found = iteration.getSecondaryResults();
        return found.getOrDefault("gc.alloc.rate.norm", found.get("gc.alloc.rate"))
                .getScore();
    }
}
