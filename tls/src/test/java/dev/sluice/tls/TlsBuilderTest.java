package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that contradict each other, and what becomes of names. */
class TlsBuilderTest {
    private static final Identity LOCAL = Identity.selfSigned();
    private static final Identities IDENTITIES = Identities.of(LOCAL);
    private static final Trust TRUST = Trust.of(LOCAL.certificate());
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void shouldRefuseRequiredCertificatesWhenPlaintextIsLetIn() {
        TlsServerBuilder builder = Tls.serverBuilder(IDENTITIES).optional();

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        builder.clientCertificates(ClientAuth.REQUIRED, TRUST).build())
                .withMessageContainingAll("optional()", "ClientAuth.OPTIONAL");
        assertThatCode(() ->
                        builder.clientCertificates(ClientAuth.OPTIONAL, TRUST).build())
                .doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseWhatAContextWouldOverrule() throws Exception {
        SSLContext context = SSLContext.getDefault();
        String text = "context(SSLContext) brings";

        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Tls.clientBuilder().context(context).trust(TRUST).build())
                .withMessageContaining(text);
        assertThatIllegalStateException()
                .isThrownBy(() -> Tls.clientBuilder()
                        .context(context)
                        .identity(IDENTITIES)
                        .build())
                .withMessageContaining(text);
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Tls.clientBuilder().context(context).provider("SunJSSE").build())
                .withMessageContaining(text);
        assertThatIllegalStateException()
                .isThrownBy(() -> Tls.serverBuilder(IDENTITIES).context(context).build())
                .withMessageContaining(text);
        assertThatIllegalStateException()
                .isThrownBy(() -> Tls.serverBuilder()
                        .context(context)
                        .clientCertificates(ClientAuth.REQUIRED, TRUST)
                        .build())
                .withMessageContaining(text);
    }

    @Test
    void shouldTakeAContextThatStandsAlone() throws Exception {
        SSLContext context = SSLContext.getDefault();

        assertThatCode(() -> Tls.clientBuilder().context(context).build()).doesNotThrowAnyException();
        assertThatCode(() -> Tls.serverBuilder()
                        .context(context)
                        .clientCertificates(ClientAuth.REQUIRED)
                        .build())
                .doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseAServerThatLacksIdentitiesOrTrust() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Tls.serverBuilder().build())
                .withMessageContaining("identities");
        assertThatIllegalStateException()
                .isThrownBy(() -> Tls.serverBuilder(IDENTITIES)
                        .clientCertificates(ClientAuth.OPTIONAL)
                        .build())
                .withMessageContaining("clientCertificates(auth, trust)");
    }

    @Test
    void shouldCountTheBytesOfAnApplicationProtocol() {
        TlsClientBuilder builder = Tls.clientBuilder();

        assertThatCode(() -> builder.applicationProtocols("x".repeat(255))).doesNotThrowAnyException();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.applicationProtocols("x".repeat(256)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.applicationProtocols("\u20ac".repeat(100)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.applicationProtocols(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "."})
    void shouldRefuseAServerNameWithoutLetters(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tls.clientBuilder().serverName(name));
    }

    /** RFC 6066, section 3: the name is sent without the dot at its end. */
    @ParameterizedTest
    @ValueSource(strings = {"SunJSSE", "BCJSSE", "Conscrypt"})
    void shouldAskForAndVerifyANameThatEndsWithADot(String provider) throws Exception {
        Identity named = Identity.selfSigned("name.example.org");
        Tls server = Tls.server(Identities.bySni(LOCAL, Map.of("name.example.org", named)));
        Tls client = Tls.clientBuilder()
                .provider(provider)
                .trust(Trust.of(LOCAL.certificate(), named.certificate()))
                .serverName("name.example.org.")
                .build();

        assertThat(connect(server, client).peerCertificates()).containsExactly(named.certificate());

        Tls another = Tls.clientBuilder()
                .provider(provider)
                .trust(Trust.of(LOCAL.certificate(), named.certificate()))
                .serverName("other.example.org.")
                .build();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> connect(server, another))
                .withCauseInstanceOf(TransportException.class)
                .satisfies(e ->
                        assertThat(((TransportException) e.getCause()).reason()).isEqualTo(Reason.UNTRUSTED));
    }

    @Test
    void shouldNotNeedANameWhenNobodyChecksIt() throws Exception {
        Tls client = Tls.clientBuilder().trust(Trust.insecureTrustAnything()).build();

        assertThat(connect(Tls.server(LOCAL), client).peerCertificates()).containsExactly(LOCAL.certificate());
    }

    /** Over memory, whose addresses have no host either. */
    private static TlsInfo connect(Tls server, Tls client) throws Exception {
        CompletableFuture<TlsInfo> info = new CompletableFuture<>();
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = group.listen(Endpoint.memory("tls-builder").with(server), c -> new Silent(), 1)) {
            Connection connection = group.connect(listener.endpoint().below().with(client), new Silent(), LIMIT)
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            connection.loop().execute(() -> info.complete(Tls.info(connection).orElseThrow()));
            return info.get(20, TimeUnit.SECONDS);
        }
    }

    private static final class Silent implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }
}
