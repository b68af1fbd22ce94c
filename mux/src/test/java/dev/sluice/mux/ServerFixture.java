package dev.sluice.mux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/**
 * A server with one loop, on time of the test's own, and the check after each test that no buffer stayed out.
 *
 * <p>One loop makes order visible: what reached the system before a {@link #settle} was handled before it returns.
 */
abstract class ServerFixture {
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** A thread for each task: the JDK's common pool has a single one on a small machine, and tests wait for each other. */
    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        thread.start();
    };

    final ManualClock clock = new ManualClock();
    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(1)
            .nanoClock(clock)
            .buffers(BufferPool.builder().leakTracking(true).build())
            .build();
    SluiceServer server;

    /** Starts the server of the test at a TCP address of its own. */
    final SluiceServer serve(UnaryOperator<SluiceServer.Builder> configuration) throws IOException {
        server = configuration
                .apply(SluiceServer.builder()
                        .group(group)
                        .listen(Endpoint.tcp("127.0.0.1", 0))
                        .handshakeTimeout(HANDSHAKE_TIMEOUT))
                .start();
        return server;
    }

    final Endpoint address() {
        return server.endpoints().get(0);
    }

    final Peer connect() throws IOException {
        return Peer.connect(address());
    }

    /** Connects, and expects to be cut: it may be before the connect returns. */
    final void connectInVain() throws IOException {
        connectInVain(address());
    }

    final void connectInVain(Endpoint endpoint) throws IOException {
        try (Peer refused = Peer.connect(endpoint)) {
            assertThat(refused.isCutWithoutAWord()).isTrue();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** Returns when the loop has seen all that was sent before: a connection made later has come and gone. */
    final void settle() throws IOException {
        try (Peer later = connect()) {
            later.send("settled?").end().readToEnd();
        }
    }

    final void pass(Duration time) {
        clock.advance(time, group);
    }

    @AfterEach
    void shouldLeaveNothingBehind() {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        group.close();
        assertThat(group.buffers().outstanding()).as("buffers never released").isEmpty();
        assertThat(group.buffers().outstandingBytes()).isZero();
    }
}
