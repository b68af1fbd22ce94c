package dev.sluice.tests.idle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.StreamRpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a connection costs that says nothing: the clients are in a process of their own, for their descriptors and heap. */
class IdleConnectionsIT {
    private static final int CONNECTIONS = 10_000;
    private static final int MAX_HEAP_BYTES_EACH = 3 << 10;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void shouldHoldNoBufferAndLittleHeapForEachIdleConnection() throws Exception {
        requireDescriptors();
        try (EventLoopGroup group = EventLoopGroup.of(2);
                SluiceServer server = SluiceServer.builder()
                        .group(group)
                        .listen(Endpoint.tcp("127.0.0.1", 0).withOption("backlog", "4096"))
                        .protocol(StreamRpc.serve(s -> {}))
                        .handshakeTimeout(Duration.ofHours(1))
                        .drainLimit(Duration.ZERO)
                        .start()) {
            long before = usedHeapBytes();
            Process clients = startClients(server.endpoints().get(0).port());
            try (BufferedReader said = clients.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine()).isEqualTo(IdleClients.READY);
                await().atMost(LIMIT).until(() -> server.stats().open() == CONNECTIONS);

                long each = (usedHeapBytes() - before) / CONNECTIONS;
                System.out.println(CONNECTIONS + " idle connections: " + each + " bytes of heap each, "
                        + group.buffers().outstandingBytes() + " bytes of buffers lent");
                assertThat(each).isLessThanOrEqualTo(MAX_HEAP_BYTES_EACH);
                assertThat(group.buffers().outstandingBytes()).isZero();
            } finally {
                clients.getOutputStream().close();
                clients.destroy();
            }
            await().atMost(LIMIT).until(() -> server.stats().open() == 0);
        }
    }

    private static void requireDescriptors() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        long limit =
                system instanceof UnixOperatingSystemMXBean unix ? unix.getMaxFileDescriptorCount() : Long.MAX_VALUE;
        assumeTrue(
                limit > CONNECTIONS + 1000,
                () -> "SKIPPED: needs more than " + (CONNECTIONS + 1000) + " file descriptors, may have " + limit);
    }

    private static Process startClients(int port) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleClients.class.getName(),
                        Integer.toString(port),
                        Integer.toString(CONNECTIONS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static long usedHeapBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
