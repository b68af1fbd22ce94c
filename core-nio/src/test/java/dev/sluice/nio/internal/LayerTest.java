package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers over transports, with one that hands the connection on as it is, or never. */
class LayerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Endpoint BELOW = Endpoint.memory("layers");

    private final AtomicLong clock = new AtomicLong();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(1).nanoClock(clock::get).build();

    @AfterEach
    void close() {
        group.close();
    }

    /** Hands connections on, unless it is stuck in its handshake. */
    private record Layer(String scheme, AtomicBoolean stuck) implements ConnectionLayer {
        Layer() {
            this("pass", new AtomicBoolean());
        }

        @Override
        public void requireAccepting(Endpoint endpoint) throws TransportException {
            if (stuck.get()) {
                throw new TransportException(Reason.UNSUPPORTED, endpoint + ": it is stuck");
            }
        }

        @Override
        public ConnectionHandler accepting(Acceptor acceptor) {
            return new Handshake(connection -> connection.handler(acceptor.onAccepted(connection)), stuck);
        }

        @Override
        public ConnectionHandler connecting(
                Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
            return new Handshake(
                    connection -> {
                        connection.handler(handler);
                        result.complete(connection);
                    },
                    stuck) {
                @Override
                public void onClosed(Connection connection, TransportException cause) {
                    result.completeExceptionally(cause);
                }
            };
        }
    }

    private static class Handshake implements ConnectionHandler {
        private final Consumer<Connection> done;
        private final AtomicBoolean stuck;

        Handshake(Consumer<Connection> done, AtomicBoolean stuck) {
            this.done = done;
            this.stuck = stuck;
        }

        @Override
        public void onAttached(Connection connection) {
            if (!stuck.get()) {
                done.accept(connection);
            }
        }

        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The test looks at the other side.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tls://host:443, tls, tcp://host:443",
        "tls+tcp://host:443, tls, tcp://host:443",
        "tls+unix:///run/app.sock, tls+unix, unix:///run/app.sock",
        "tls+memory:name, tls+memory, memory:name",
        "tls://[::1]:0?backlog=5, tls, tcp://[::1]:0?backlog=5",
        "made+up://host:5, made+up, up://host:5",
    })
    void shouldTellLayerAndTransportApart(String text, String scheme, String below) {
        Endpoint endpoint = Endpoint.parse(text);
        assertThat(endpoint.scheme()).isEqualTo(scheme);
        assertThat(endpoint.below()).isEqualTo(Endpoint.parse(below));
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint).hasSameHashCodeAs(endpoint);
        assertThat(endpoint).isNotEqualTo(endpoint.below());
    }

    @Test
    void shouldKeepTheLayerWhenTheAddressIsChanged() throws Exception {
        Layer layer = new Layer();
        Endpoint endpoint = Endpoint.tcp("host", 1).with(layer);
        assertThat(endpoint).hasToString("pass+tcp://host:1");
        assertThat(endpoint.withPort(2).layer()).contains(layer);
        assertThat(endpoint.withOption("backlog", "5").layer()).contains(layer);
        assertThat(endpoint).isNotEqualTo(Endpoint.parse("pass+tcp://host:1"));
        assertThat(endpoint.below().layer()).isEmpty();
    }

    @Test
    void shouldRefuseALayerOfAnotherKindThanTheAddressNames() {
        Endpoint endpoint = Endpoint.parse("tls://host:1");
        Layer layer = new Layer();
        assertThatThrownBy(() -> endpoint.with(layer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tls://host:1 names the layer tls, not pass");
    }

    @Test
    void shouldSayWhatIsMissingWhenNoLayerIsInstalled() {
        assertThatThrownBy(() -> group.listen(Endpoint.parse("made-up+memory:x"), c -> Collector.silent()))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
                .hasMessageContaining("no layer for the scheme 'made-up'")
                .hasMessageContaining("sluice-tls");
    }

    @Test
    void shouldCarryBytesWhenBothSidesHaveTheLayer() throws Exception {
        Layer layer = new Layer();
        try (Listener listener = group.listen(BELOW.with(layer), c -> Collector.echoing())) {
            assertThat(listener.endpoint()).isEqualTo(BELOW.with(layer));
            Collector client = Collector.silent();
            group.connect(listener.endpoint(), client, TIMEOUT)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            client.roundTrip();
        }
    }

    @Test
    void shouldBindNothingWhenTheLayerCannotAccept() throws Exception {
        Layer layer = new Layer();
        layer.stuck().set(true);
        assertThatThrownBy(() -> group.listen(BELOW.with(layer), c -> Collector.silent()))
                .hasMessage("pass+memory:layers: it is stuck");
        group.listen(BELOW, c -> Collector.silent()).close(); // the name is free
    }

    @Test
    void shouldFailAtTheTimeoutWhenTheHandshakeDoesNotEnd() throws Exception {
        Layer stuck = new Layer();
        try (Listener listener = group.listen(BELOW, c -> Collector.silent())) {
            stuck.stuck().set(true);
            var result = group.connect(listener.endpoint().with(stuck), Collector.silent(), TIMEOUT)
                    .toCompletableFuture();
            advancePast(TIMEOUT);
            assertTimesOut(result);
        }
    }

    @Test
    void shouldFailAtTheEndpointsTimeoutWhenThatIsShorter() throws Exception {
        Layer stuck = new Layer();
        try (Listener listener = group.listen(BELOW.withOption("connecttimeout", "7"), c -> Collector.silent())) {
            stuck.stuck().set(true);
            Endpoint address = listener.endpoint().with(stuck);
            var shorter = group.connect(address.withOption("connecttimeout", "1000"), Collector.silent(), TIMEOUT)
                    .toCompletableFuture();
            var longer = group.connect(address.withOption("connecttimeout", "60000"), Collector.silent(), TIMEOUT)
                    .toCompletableFuture();
            advancePast(Duration.ofSeconds(1));
            assertTimesOut(shorter);
            assertThat(longer).isNotDone();
            advancePast(TIMEOUT);
            assertTimesOut(longer);
        }
    }

    private static void assertTimesOut(CompletableFuture<Connection> connecting) {
        assertThatThrownBy(() -> connecting.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
    }

    @Test
    void shouldCutAnAcceptedConnectionWhenItsHandshakeDoesNotEnd() throws Exception {
        Layer layer = new Layer();
        try (Listener listener = group.listen(BELOW.with(layer), c -> Collector.silent())) {
            layer.stuck().set(true);
            Collector client = Collector.silent();
            group.connect(listener.endpoint().below(), client, TIMEOUT)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            advancePast(Duration.ofSeconds(10));
            assertThat(client.awaitClosed().reason()).isEqualTo(Reason.RESET);
        }
    }

    /** Lets what was begun reach the loop, then moves the time, and wakes the loop up to look at it. */
    private void advancePast(Duration limit) throws Exception {
        for (int i = 0; i < 20; i++) {
            turn();
        }
        clock.addAndGet(limit.toNanos() + 1);
        turn();
    }

    private void turn() throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        group.next().execute(() -> done.complete(null));
        done.get(10, TimeUnit.SECONDS);
    }
}
