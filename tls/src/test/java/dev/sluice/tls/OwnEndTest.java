package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What BouncyCastle's engine reads after this side has ended its output: nothing, which is no end. */
class OwnEndTest {
    private static final Identity IDENTITY = Identity.selfSigned();

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final Tls client = Tls.clientBuilder()
            .provider("BCJSSE")
            .trust(Trust.of(IDENTITY.certificate()))
            .serverName("localhost")
            .build();

    @AfterEach
    void stop() {
        group.close();
    }

    /** Answers the end of the peer's output, and then ends its own. */
    private static final class Answer implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            if (connection.read(ByteBuffer.allocate(1)) < 0) {
                connection.write(ByteBuffer.wrap(new byte[] {42}));
                connection.close();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }

    /** Ends its output and tells what it reads. */
    private static final class Asking implements ConnectionHandler {
        private final CompletableFuture<Integer> read = new CompletableFuture<>();

        @Override
        public void onAttached(Connection connection) throws IOException {
            connection.shutdownOutput();
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            int n = connection.read(ByteBuffer.allocate(1));
            if (n != 0) {
                read.complete(n);
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            read.completeExceptionally(cause);
        }
    }

    private Connection connect(ConnectionHandler handler) throws Exception {
        try (Listener listener =
                group.listen(Endpoint.memory("own-end").with(Tls.server(IDENTITY)), c -> new Answer(), 1)) {
            return group.connect(listener.endpoint().below().with(client), handler, Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldFailInsteadOfEndingWhenALoopReadsOn() throws Exception {
        Asking asking = new Asking();
        connect(asking);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> asking.read.get(20, TimeUnit.SECONDS))
                .satisfies(e -> assertTruncated((TransportException) e.getCause()));
    }

    @Test
    void shouldFailInsteadOfEndingWhenAThreadReadsOn() throws Exception {
        Connection connection = connect(new ConnectionHandler() {
            @Override
            public void onAttached(Connection c) {
                c.pauseReading();
            }

            @Override
            public void onReadable(Connection c) {}

            @Override
            public void onClosed(Connection c, TransportException cause) {}
        });
        ByteStream stream = connection.blocking();
        stream.shutdownOutput();
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                .satisfies(OwnEndTest::assertTruncated);
    }

    private static void assertTruncated(TransportException failure) {
        assertThat(failure.reason()).isEqualTo(Reason.TRUNCATED);
    }
}
