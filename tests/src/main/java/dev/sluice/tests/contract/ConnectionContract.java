package dev.sluice.tests.contract;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * All that a {@link Connection} promises, for any transport. A transport's test class extends this and says where to listen,
 * and which {@link Capability} it lacks:
 *
 * <pre>{@code
 * class TcpConnectionTest extends ConnectionContract {
 *     @Override
 *     protected Endpoint listenEndpoint() {
 *         return Endpoint.tcp("127.0.0.1", 0);
 *     }
 * }
 * }</pre>
 *
 * <p>A kind of connection that does not come from an endpoint, as the streams of a session do not, overrides
 * {@link #connect} instead. After each test the pool must have all its buffers back.
 */
public abstract class ConnectionContract
        implements ReadingContract,
                WritingContract,
                HalfCloseContract,
                HandlerContract,
                ClosingContract,
                FileTransferContract,
                RelayContract,
                ByteStreamContract,
                ByteStreamTransferContract,
                ProgressContract {
    private ContractHarness harness;

    /** Returns where to listen. Asked for once per pair; may be the same each time. */
    protected abstract Endpoint listenEndpoint();

    /** Returns what this transport can do. */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    /**
     * Makes two connections that are each other's peer.
     *
     * @param loop where the connecting one should live
     * @param connected handler of the one that connects
     * @param accepted handler of the one that is accepted
     */
    protected void connect(
            EventLoopGroup group, EventLoop loop, ConnectionHandler connected, ConnectionHandler accepted)
            throws Exception {
        CountDownLatch accepting = new CountDownLatch(1);
        try (Listener listener = group.listen(listenEndpoint(), c -> {
            accepting.countDown();
            return accepted;
        })) {
            Waiting.result(group.connect(loop, listener.endpoint(), connected, Duration.ofSeconds(10)));
            if (!accepting.await(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("connected, but nothing was accepted on " + listener.endpoint());
            }
        }
    }

    @BeforeEach
    void openHarness() {
        harness = new ContractHarness(this::connect, capabilities());
    }

    @AfterEach
    void closeHarness() throws IOException {
        harness.close();
    }

    @Override
    public final ContractHarness harness() {
        return harness;
    }
}
