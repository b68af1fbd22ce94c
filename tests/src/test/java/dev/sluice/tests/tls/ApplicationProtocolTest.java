package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.TlsServerBuilder;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ALPN as the protocols above want it, and as the layer's owner does. */
class ApplicationProtocolTest extends TlsServerFixture {
    /** The fixture's echo, under names of ALPN. */
    private record Named(Protocol echo, List<String> applicationProtocols) implements Protocol {
        @Override
        public String name() {
            return echo.name();
        }

        @Override
        public Optional<Magic> magic() {
            return echo.magic();
        }

        @Override
        public ConnectionHandler accept(Connection connection, Handshake handshake) {
            return echo.accept(connection, handshake);
        }
    }

    private static TlsServerBuilder server(String provider) {
        return Tls.serverBuilder(Identities.of(IDENTITY)).provider(provider);
    }

    private static TlsClientBuilder client(String provider) {
        return Tls.clientBuilder()
                .provider(provider)
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost");
    }

    private void serve(TlsServerBuilder builder, String... names) throws IOException {
        serve(builder.build(), new Named(fallback, List.of(names)));
    }

    private Optional<String> agreed(Tls client) throws Exception {
        Endpoint address = server.endpoints().get(0).below().with(client);
        Connection connection = Waiting.result(group.connect(address, new Recorder(), HANDSHAKE_TIMEOUT));
        try {
            return Tls.info(connection).orElseThrow().applicationProtocol();
        } finally {
            connection.loop().execute(connection::close);
            awaitAllClosed();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SunJSSE, SunJSSE",
        "BCJSSE, BCJSSE",
        "Conscrypt, Conscrypt",
        "SunJSSE, Conscrypt",
        "Conscrypt, BCJSSE",
        "BCJSSE, SunJSSE"
    })
    void shouldSelectWhatTheProtocolIsCalledWhenTheClientOffersIt(String serverSide, String clientSide)
            throws Exception {
        serve(server(serverSide), "second", "h2");

        assertThat(agreed(client(clientSide).applicationProtocols("h2", "other").build()))
                .contains("h2");
        assertThat(agreed(
                        client(clientSide).applicationProtocols("h2", "second").build()))
                .as("the server's preference")
                .contains("second");
        assertThat(agreed(client(clientSide).build().withApplicationProtocols(List.of("h2"))))
                .contains("h2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SunJSSE", "BCJSSE", "Conscrypt"})
    void shouldLetClientsInWhenTheyOfferOthersOrNone(String provider) throws Exception {
        serve(server(provider), "h2");

        assertThat(agreed(client("SunJSSE").applicationProtocols("other").build()))
                .isEmpty();
        assertThat(agreed(client("SunJSSE").build())).isEmpty();
        assertThat(tls.stats().failed()).isZero();
    }

    @Test
    void shouldSelectNoneWhenNoProtocolHasAName() throws Exception {
        serve(server("SunJSSE"));

        assertThat(agreed(client("SunJSSE").applicationProtocols("h2").build())).isEmpty();
    }

    @Test
    void shouldSelectWhatTheServersOwnerHasSet() throws Exception {
        serve(server("SunJSSE").applicationProtocols("own"), "h2");

        assertThat(agreed(client("SunJSSE").applicationProtocols("h2", "own").build()))
                .contains("own");
        assertThatThrownBy(() ->
                        agreed(client("SunJSSE").applicationProtocols("h2").build()))
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void shouldSelectNoneWhenTheServersOwnerWantsNone() throws Exception {
        serve(server("SunJSSE").applicationProtocols(), "h2");

        assertThat(agreed(client("SunJSSE").applicationProtocols("h2").build())).isEmpty();
    }

    @Test
    void shouldOfferWhatTheClientsOwnerHasSet() throws Exception {
        serve(server("SunJSSE"), "h2", "own");

        assertThat(agreed(
                        client("SunJSSE").applicationProtocols("own").build().withApplicationProtocols(List.of("h2"))))
                .contains("own");
        assertThat(agreed(client("SunJSSE").applicationProtocols().build().withApplicationProtocols(List.of("h2"))))
                .isEmpty();
    }
}
