package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.bench.tls.TlsPair;
import dev.sluice.tls.Tls;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The promise that TLS allocates nothing but what its engines do. The engines here allocate nothing, for how much the JDK's do differs from
 * run to run by more than an object of ours.
 */
class TlsAllocationTest {
    private static final int ROUNDS = 10;
    private static final int TRANSFERS = 2_000;
    private static final int TRANSFER_BYTES = 64 << 10;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ByteBuffer src = ByteBuffer.allocateDirect(TRANSFER_BYTES);
    private final ByteBuffer dst = ByteBuffer.allocateDirect(2 * TRANSFER_BYTES);

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

    /** In the quietest round: the first ones fill pools, and load and compile classes. */
    private long leastAllocatedBy(TlsPair pair) throws Exception {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            least = Math.min(least, allocatedBy(pair));
        }
        return least;
    }

    private long allocatedBy(TlsPair pair) throws Exception {
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < TRANSFERS; i++) {
            pair.transfer(src.clear(), dst.clear());
            assertSameLength();
        }
        return threads.getThreadAllocatedBytes(thread) - before;
    }

    private void assertSameLength() {
        if (dst.position() != TRANSFER_BYTES) {
            throw new AssertionError("received " + dst.position() + " bytes");
        }
    }

    @Test
    void shouldAllocateNothingPerRecordBesideTheEngine() throws Exception {
        Tls client = Tls.clientBuilder()
                .context(PlainEngine.context())
                .serverName("localhost")
                .build();
        Tls server = Tls.serverBuilder().context(PlainEngine.context()).build();
        CompletableFuture<Long> allocated = new CompletableFuture<>();
        try (TlsPair pair = new TlsPair(client, server, "tls-allocation")) {
            pair.loop().execute(() -> {
                try {
                    allocated.complete(leastAllocatedBy(pair));
                } catch (Exception | AssertionError e) {
                    allocated.completeExceptionally(e);
                }
            });
            assertThat((double) allocated.get(60, TimeUnit.SECONDS) / TRANSFERS)
                    .as("bytes allocated for each %s bytes", TRANSFER_BYTES)
                    .isLessThan(1);
        }
    }
}
