package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.bench.yamux.YamuxPair;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The promise that a session allocates nothing for a frame: both ends are on one loop, so what its thread allocates is all there is,
 * for data on its way out and in, for window updates, and for the turns of the loop that these take. Over memory, for the JDK's selector
 * boxes descriptors, of which this process has more than it keeps boxes for; what sockets allocate is {@link EchoAllocationTest}'s.
 */
class YamuxAllocationTest {
    private static final int ROUNDS = 10;
    /** The least that an allocation can add to each frame is the 16 bytes of an empty object. */
    private static final double NOISE_BYTES = 1;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final String leaks = System.getProperty("sluice.leaks", "");

    /** To remember where buffers were borrowed takes memory. */
    @BeforeEach
    void trackNoLeaks() {
        System.setProperty("sluice.leaks", "off");
    }

    @AfterEach
    void trackLeaksAgain() {
        System.setProperty("sluice.leaks", leaks);
    }

    @ParameterizedTest
    @CsvSource({"128, 1, 20000", "128, 256, 2000", "65536, 64, 200"})
    void shouldAllocateNothingPerFrameInSteadyState(int writeBytes, int writes, int transfers) throws Exception {
        try (YamuxPair pair = new YamuxPair("memory:yamux-allocation", writeBytes)) {
            long loop = loopThread(pair);
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) { // the first ones fill pools, and load and compile classes
                long frames = pair.frames();
                long allocated = threads.getThreadAllocatedBytes(loop);
                pair.transfer(transfers, writes);
                allocated = threads.getThreadAllocatedBytes(loop) - allocated;
                least = Math.min(least, (double) allocated / (pair.frames() - frames));
            }

            assertThat(least).as("bytes allocated for each frame").isLessThan(NOISE_BYTES);
        }
    }

    private static long loopThread(YamuxPair pair) throws Exception {
        CompletableFuture<Long> id = new CompletableFuture<>();
        pair.loop().execute(() -> id.complete(Thread.currentThread().getId()));
        return id.get(10, TimeUnit.SECONDS);
    }
}
