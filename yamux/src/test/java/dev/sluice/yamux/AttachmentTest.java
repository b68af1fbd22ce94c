package dev.sluice.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The way from a stream to what the owner of its session has attached. */
class AttachmentTest {
    private final CompletableFuture<Connection> accepted = new CompletableFuture<>();

    /** Does nothing with a connection. */
    private static class Idle implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            // Nothing is sent.
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Nothing is held.
        }
    }

    /** Begins the server's session on a connection. */
    private final class Serving extends Idle {
        @Override
        public void onAttached(Connection connection) {
            Yamux.server(connection, YamuxConfig.defaults(), stream -> {
                        accepted.complete(stream);
                        return new Idle();
                    })
                    .attach("the owner's");
        }
    }

    /** Begins the client's session, and opens a stream. */
    private static final class Opening extends Idle {
        @Override
        public void onAttached(Connection connection) {
            Yamux.client(connection, YamuxConfig.defaults(), stream -> new Idle())
                    .openStream(new Idle());
        }
    }

    @Test
    void shouldFindTheAttachmentFromAStream() throws Exception {
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = group.listen(Endpoint.memory("attachment"), connection -> new Serving())) {
            Connection below = group.connect(listener.endpoint(), new Opening(), Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);

            Connection stream = accepted.get(20, TimeUnit.SECONDS);

            assertThat(Yamux.of(stream).flatMap(Yamux::attachment)).hasValue("the owner's");
            assertThat(Yamux.of(below)).as("what carries the session").isEmpty();
        }
    }
}
