package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.TlsFailure;
import dev.sluice.tls.Trust;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that a client must not trust, and what both sides make of it. */
class HostileServersTest extends TlsServerFixture {
    private static Path file(String name) throws Exception {
        URI uri = HostileServersTest.class.getResource("/keys/" + name).toURI();
        return Path.of(uri);
    }

    /** Conscrypt has no alert to send when a trust manager refused: the server sees a cut. */
    private void shouldRefuse(TlsClientBuilder settings, TlsFailure atServer) {
        Tls client = settings.build();
        Endpoint address = server.endpoints().get(0).below().with(client);
        assertThatThrownBy(() -> Waiting.result(group.connect(address, new Recorder(), HANDSHAKE_TIMEOUT)))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.UNTRUSTED));
        assertThat(client.stats().failures().get(TlsFailure.CERTIFICATE)).isEqualTo(1);
        assertThat(client.stats().failed()).isEqualTo(1);
        awaitOneTlsFailure(atServer);
        assertThat(serverFailures()).isEqualTo("layerFailures=1");
    }

    @ParameterizedTest
    @CsvSource({"SunJSSE, REFUSED_BY_PEER", "BCJSSE, REFUSED_BY_PEER", "Conscrypt, TRUNCATED"})
    void shouldRefuseACertificateThatHasExpired(String provider, TlsFailure atServer) throws Exception {
        serve(Tls.server(Identity.pem(file("expired.crt"), file("expired.key"))), fallback);
        shouldRefuse(
                Tls.clientBuilder()
                        .provider(provider)
                        .trust(Trust.pem(file("ca.crt")))
                        .serverName("localhost"),
                atServer);
    }

    @ParameterizedTest
    @CsvSource({"SunJSSE, REFUSED_BY_PEER", "BCJSSE, REFUSED_BY_PEER", "Conscrypt, TRUNCATED"})
    void shouldRefuseACertificateForAnotherName(String provider, TlsFailure atServer) throws Exception {
        serve();
        shouldRefuse(
                Tls.clientBuilder()
                        .provider(provider)
                        .trust(Trust.of(IDENTITY.certificate()))
                        .serverName("elsewhere.example.org"),
                atServer);
    }

    @ParameterizedTest
    @CsvSource({"SunJSSE, REFUSED_BY_PEER", "BCJSSE, REFUSED_BY_PEER", "Conscrypt, TRUNCATED"})
    void shouldRefuseACertificateOfAnUnknownAuthority(String provider, TlsFailure atServer) throws Exception {
        serve();
        shouldRefuse(
                Tls.clientBuilder()
                        .provider(provider)
                        .trust(Trust.pem(file("ca.crt")))
                        .serverName("localhost"),
                atServer);
    }

    /** The view's reader is told that what came may be cut short; nothing takes that for an end. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldTellTheBlockingReaderWhenTheClientIsCut(String version) throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        serve(Tls.server(IDENTITY), new BlockingProtocol(read));
        try (Socket raw = connect();
                SSLSocket client = secure(raw, trusting(IDENTITY, Optional.empty()), version)) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            raw.shutdownOutput();
            assertThatThrownBy(() -> Waiting.result(read))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.TRUNCATED));
        }
        awaitOneTlsFailure(TlsFailure.TRUNCATED);
        assertThat(serverFailures()).isEmpty();
    }

    @Test
    void shouldGiveTheBlockingReaderAnEndWhenTheClientEnds() throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        serve(Tls.server(IDENTITY), new BlockingProtocol(read));
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(Waiting.result(read)).isEqualTo("hello".getBytes(StandardCharsets.US_ASCII));
        }
        awaitAllClosed();
        assertThat(tlsFailures()).isEmpty();
    }

    /** Reads all by blocking calls. */
    private record BlockingProtocol(CompletableFuture<byte[]> read) implements Protocol {
        @Override
        public String name() {
            return "blocking";
        }

        @Override
        public Optional<Magic> magic() {
            return Optional.empty();
        }

        @Override
        public ConnectionHandler accept(Connection connection, Handshake handshake) {
            handshake.complete();
            return new ConnectionHandler() {
                @Override
                public void onAttached(Connection attached) throws TransportException {
                    ByteStream stream = attached.blocking();
                    new Thread(() -> readAll(stream), "blocking-reader").start();
                }

                @Override
                public void onReadable(Connection attached) {}

                @Override
                public void onClosed(Connection attached, TransportException cause) {}
            };
        }

        private void readAll(ByteStream stream) {
            try (stream) {
                read.complete(stream.inputStream().readAllBytes());
            } catch (Exception e) {
                read.completeExceptionally(e);
            }
        }
    }
}
