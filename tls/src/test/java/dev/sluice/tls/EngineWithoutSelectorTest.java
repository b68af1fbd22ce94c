package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server's engine that cannot be asked to select an application protocol, as {@link SSLEngine} itself cannot. */
class EngineWithoutSelectorTest {
    private static final Identity IDENTITY = Identity.selfSigned();
    private static final ConnectionHandler IDLE = new ConnectionHandler() {
        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Nothing is held.
        }
    };

    private final EventLoopGroup group = EventLoopGroup.of(1);

    @AfterEach
    void stop() {
        group.close();
    }

    private static Tls server() throws Exception {
        SSLContext real = SSLContext.getInstance("TLS");
        real.init(new KeyManager[] {Identities.of(IDENTITY).keyManager()}, null, null);
        SSLContextSpi spi = new DelegatingContext(real) {
            @Override
            protected SSLEngine engineCreateSSLEngine() {
                return new DelegatingEngine(super.engineCreateSSLEngine());
            }
        };
        return Tls.serverBuilder()
                .context(new SSLContext(spi, real.getProvider(), "TLS") {})
                .build();
    }

    @Test
    void shouldLetClientsInWithoutAnApplicationProtocol() throws Exception {
        Tls client = Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .applicationProtocols("h2")
                .build();
        Tls server = server().withApplicationProtocols(List.of("h2"));
        try (Listener listener = group.listen(Endpoint.memory("no-selector").with(server), accepted -> IDLE, 1)) {
            Connection connection = group.connect(
                            listener.endpoint().below().with(client), IDLE, Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);

            assertThat(Tls.info(connection).orElseThrow().applicationProtocol()).isEmpty();
        }
    }
}
