package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both sides have said their end, and then this side cuts the connection below. */
class CutAfterBothEndsTest {
    private static final Identity IDENTITY = Identity.selfSigned();

    private final CompletableFuture<Connection> belowClient = new CompletableFuture<>();
    private final CompletableFuture<TransportException> cause = new CompletableFuture<>();

    /** A client's layer that tells of the connection below it. */
    private record Telling(ConnectionLayer tls, CompletableFuture<Connection> told) implements ConnectionLayer {
        @Override
        public String scheme() {
            return tls.scheme();
        }

        @Override
        public void requireAccepting(Endpoint endpoint) throws TransportException {
            tls.requireAccepting(endpoint);
        }

        @Override
        public ConnectionHandler accepting(Acceptor acceptor) {
            return tls.accepting(acceptor);
        }

        @Override
        public ConnectionHandler connecting(
                Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
            ConnectionHandler first = tls.connecting(endpoint, handler, result);
            return new Handler() {
                @Override
                public void onAttached(Connection below) {
                    told.complete(below);
                    below.handler(first);
                }
            };
        }
    }

    private static class Handler implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException why) {}
    }

    /** Ends its output, before or after the peer's end, and goes on to something else then. */
    private static class Ending extends Handler {
        private final boolean first;

        Ending(boolean first) {
            this.first = first;
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            if (first) {
                connection.shutdownOutput();
            }
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (connection.read(ByteBuffer.allocate(1)) < 0) {
                if (!first) {
                    connection.shutdownOutput();
                }
                afterBoth();
            }
        }

        void afterBoth() {}
    }

    /** Only that the peer has left is no news to anybody. */
    @ParameterizedTest
    @EnumSource(names = {"TIMEOUT", "SHUTDOWN", "LIMIT_EXCEEDED", "INTERNAL"})
    void shouldCloseWithWhatThisSideCutTheConnectionFor(Reason reason) throws Exception {
        Tls client = Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .build();
        Ending ending = new Ending(true) {
            @Override
            void afterBoth() {
                Connection below = belowClient.join();
                below.loop().execute(() -> below.abort(new TransportException(reason, "cut by the test")));
            }

            @Override
            public void onClosed(Connection connection, TransportException why) {
                cause.complete(why);
            }
        };
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = group.listen(
                        Endpoint.memory("both-ends").with(Tls.server(IDENTITY)), c -> new Ending(false), 1)) {
            group.connect(
                            listener.endpoint().below().with(new Telling(client, belowClient)),
                            ending,
                            Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            assertThat(cause.get(20, TimeUnit.SECONDS).reason()).isEqualTo(reason);
        }
    }
}
