package dev.sluice.nio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.spi.AbstractConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** A handler that fails for every peer. */
class UnexpectedFailuresTest {
    private static final int CONNECTIONS = 300;

    private final CountDownLatch closed = new CountDownLatch(CONNECTIONS);

    private final class Failing implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            throw new IllegalStateException("thrown by a test");
        }

        @Override
        public void onReadable(Connection connection) {}

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            closed.countDown();
        }
    }

    private static final class Ending implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {}

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }

    private static final class Errors extends Handler {
        private final List<LogRecord> seen = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().equals(Level.SEVERE)) {
                seen.add(entry);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldNotLogEachOfThem() throws Exception {
        Logger logger = Logger.getLogger(AbstractConnection.class.getName());
        Errors errors = new Errors();
        logger.addHandler(errors);
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = group.listen(Endpoint.memory("failing"), c -> new Failing())) {
            for (int i = 0; i < CONNECTIONS; i++) {
                group.connect(listener.endpoint(), new Ending(), Duration.ofSeconds(20))
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
            }
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            logger.removeHandler(errors);
        }
        assertThat(errors.seen).hasSizeLessThan(CONNECTIONS);
        assertThat(errors.seen)
                .allSatisfy(entry -> assertThat(entry.getThrown()).hasMessage("thrown by a test"));
    }
}
