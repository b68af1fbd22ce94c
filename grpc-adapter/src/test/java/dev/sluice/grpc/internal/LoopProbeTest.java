package dev.sluice.grpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoopProbeTest {
    @Test
    void shouldFindThatLoopsDriveThisVersion() {
        assertThat(LoopProbe.isPossible()).isTrue();
    }

    @Test
    void shouldFindThatTheyDoNotWhenNothingAnswers() {
        assertThat(LoopProbe.find(Deaf::new, Duration.ofMillis(100))).isFalse();
    }

    /** As if grpc-okhttp's tasks were of other kinds. */
    private static final class Deaf extends ConnectionDriver {
        Deaf(AcceptedSockets sockets) {
            super(sockets);
        }

        @Override
        void executeOfTransport(Runnable task) {
            // Nobody knows it.
        }

        @Override
        public void opened(Connection connection) {
            connection.pauseReading();
        }
    }
}
