package dev.sluice.samples.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RingTransportTest {
    private static final Endpoint RING = Endpoint.parse("ring:test");

    private final EventLoopGroup group = EventLoopGroup.of(1);

    @AfterEach
    void close() {
        group.close();
    }

    /** Leaves everything as it is. */
    private static final class Idle implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            // Nothing comes.
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Nothing to clean up.
        }
    }

    private CompletableFuture<Connection> connect() {
        return group.connect(RING, new Idle(), Duration.ofSeconds(10)).toCompletableFuture();
    }

    private static void assertRefused(ThrowingCallable call, Reason reason) {
        assertThatThrownBy(call)
                .extracting(e -> e instanceof CompletionException ? e.getCause() : e)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void shouldRefuseWhenNobodyListens() {
        assertRefused(() -> connect().join(), Reason.REFUSED);
    }

    @Test
    void shouldLetOneServerListenAtATime() throws TransportException {
        try (Listener listener = group.listen(RING, connection -> new Idle())) {
            assertRefused(() -> group.listen(RING, connection -> new Idle()), Reason.ADDRESS_IN_USE);
            assertThat(listener.stats().accepted()).isZero();
        }
        group.listen(RING, connection -> new Idle()).close();
    }

    @Test
    void shouldAcceptNoMoreConnectionsThanItMay() throws TransportException {
        try (Listener listener = group.listen(RING, connection -> new Idle(), 1)) {
            connect().join();

            assertRefused(() -> connect().join(), Reason.REFUSED);
            assertThat(listener.stats().accepted()).isEqualTo(1);
        }
    }
}
