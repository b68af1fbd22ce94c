package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsFailure;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do not speak TLS, or not as they should. Each is closed in time, counted once, and costs nothing afterwards. */
class HostileClientsTest extends TlsServerFixture {
    private static final Identity STRANGER = Identity.selfSigned("stranger");

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] clientHello() throws Exception {
        SSLEngine engine = trusting(IDENTITY, Optional.empty()).createSSLEngine("localhost", 1);
        engine.setUseClientMode(true);
        engine.beginHandshake();
        ByteBuffer net = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), net);
        return Arrays.copyOf(net.array(), net.position());
    }

    private void shouldRefuseAtOnce(byte[] bytes, TlsFailure kind) throws Exception {
        serve();
        try (Socket client = connect()) {
            client.getOutputStream().write(bytes);
            assertThat(isClosedByServer(client)).isTrue();
        }
        awaitOneTlsFailure(kind);
        assertThat(serverFailures()).isEqualTo("layerFailures=1");
    }

    @Test
    void shouldRefuseGarbage() throws Exception {
        shouldRefuseAtOnce(new byte[] {0, 1, 2, 3, 4, 5, 6, 7}, TlsFailure.MALFORMED);
    }

    @Test
    void shouldRefuseHttpInPlaintext() throws Exception {
        shouldRefuseAtOnce(ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), TlsFailure.PLAINTEXT);
    }

    @Test
    void shouldRefuseGrpcInPlaintext() throws Exception {
        shouldRefuseAtOnce(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), TlsFailure.PLAINTEXT);
    }

    @Test
    void shouldRefuseARecordThatIsTooLargeByItsHead() throws Exception {
        shouldRefuseAtOnce(new byte[] {22, 3, 1, 0x41, 1}, TlsFailure.MALFORMED);
    }

    @Test
    void shouldRefuseGarbageWithinARecord() throws Exception {
        byte[] record = new byte[5 + 100];
        System.arraycopy(new byte[] {22, 3, 1, 0, 100}, 0, record, 0, 5);
        Arrays.fill(record, 5, record.length, (byte) 0x5a);
        shouldRefuseAtOnce(record, TlsFailure.OTHER);
    }

    @Test
    void shouldRefuseAHandshakeMessageOf16MiBByItsHead() throws Exception {
        byte[] record = new byte[5 + 100];
        System.arraycopy(new byte[] {22, 3, 1, 0, 100, 1, -1, -1, -1, 3, 3}, 0, record, 0, 11);
        shouldRefuseAtOnce(record, TlsFailure.OTHER);
    }

    @Test
    void shouldRefuseACutWithinTheHandshakeAndCountItOnce() throws Exception {
        serve();
        byte[] hello = clientHello();
        for (int reset = 0; reset < 2; reset++) {
            try (Socket client = connect()) {
                client.getOutputStream().write(hello);
                client.getInputStream().read(new byte[1]);
                client.setSoLinger(reset == 1, 0);
            }
            long expected = reset + 1L;
            Waiting.until("counted", () -> tls.stats().failed() >= expected);
            awaitAllClosed();
        }
        assertThat(tlsFailures()).containsOnlyKeys(TlsFailure.TRUNCATED).containsValue(2L);
        assertThat(serverFailures()).isEqualTo("layerFailures=2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldLetInAClientWhoseEveryByteComesAlone(String version) throws Exception {
        serve();
        Socket raw = new Socket() {
            @Override
            public OutputStream getOutputStream() throws IOException {
                OutputStream all = super.getOutputStream();
                return new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        all.write(b);
                    }
                };
            }
        };
        connect(raw);
        try (SSLSocket client = secure(raw, trusting(IDENTITY, Optional.empty()), version)) {
            echo(client, "one byte at a time");
        }
        awaitAllClosed();
        assertThat(tlsFailures()).isEmpty();
        assertThat(serverFailures()).isEmpty();
    }

    private static void echo(SSLSocket client, String text) throws IOException {
        client.getOutputStream().write(ascii(text));
        assertThat(client.getInputStream().readNBytes(text.length())).isEqualTo(ascii(text));
    }

    private void shouldTimeOutAfter(byte[] bytes, boolean answered) throws Exception {
        serve();
        try (Socket client = connect()) {
            client.getOutputStream().write(bytes);
            if (answered) {
                assertThat(client.getInputStream().read()).isEqualTo(22);
            }
            Waiting.until("accepted", () -> server.stats().accepted() == 1);
            pass(HANDSHAKE_TIMEOUT.minusMillis(1));
            assertThat(server.stats().open()).isEqualTo(1);
            pass(HANDSHAKE_TIMEOUT);
            awaitAllClosed();
        }
        awaitOneTlsFailure(TlsFailure.GIVEN_UP);
        assertThat(serverFailures()).isEqualTo("layerTimeouts=1");
    }

    @Test
    void shouldTimeOutWhenTheClientSaysNothing() throws Exception {
        shouldTimeOutAfter(new byte[0], false);
    }

    @Test
    void shouldTimeOutWhenALargeRecordIsAnnouncedAndDoesNotCome() throws Exception {
        shouldTimeOutAfter(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f}, false);
    }

    @Test
    void shouldTimeOutWhenTheClientStallsAfterHalfAHandshake() throws Exception {
        shouldTimeOutAfter(clientHello(), true);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBearManyStalledHandshakes(boolean answered) throws Exception {
        int count = 500;
        byte[] hello = clientHello();
        byte[] sent = answered ? hello : Arrays.copyOf(hello, hello.length / 2);
        serve();
        List<Socket> clients = new ArrayList<>();
        try {
            stall(clients, 20, sent, answered); // what is made once only
            int threads = Thread.activeCount();
            long heap = usedHeap();
            stall(clients, count, sent, answered);
            System.out.printf(
                    "%d handshakes stalled %s: %d bytes of heap and %d of buffers each%n",
                    count,
                    answered ? "after the server's flight" : "within ClientHello",
                    (usedHeap() - heap) / count,
                    buffers.outstandingBytes() / clients.size());
            assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
            assertThat(buffers.outstandingBytes()).isLessThanOrEqualTo(answered ? 0 : clients.size() * 1024L);
            pass(HANDSHAKE_TIMEOUT);
            awaitAllClosed();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
        assertThat(tlsFailures()).containsOnlyKeys(TlsFailure.GIVEN_UP).containsValue((long) clients.size());
        assertThat(serverFailures()).isEqualTo("layerTimeouts=" + clients.size());
    }

    private void stall(List<Socket> clients, int count, byte[] sent, boolean answered) throws IOException {
        int before = clients.size();
        for (int i = 0; i < count; i++) {
            Socket client = connect();
            clients.add(client);
            client.getOutputStream().write(sent);
        }
        for (Socket client : clients.subList(before, clients.size())) {
            if (answered) {
                client.getInputStream().read(new byte[16 << 10]);
            }
        }
        if (!answered) {
            Waiting.until("all parts held", () -> buffers.outstandingBytes() == clients.size() * 1024L);
        }
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayThatTheClientSpeaksTlsWhenTheAddressIsPlaintext(boolean withFallback) throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler lineHandler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger("dev.sluice.mux.internal.Detector");
        log.addHandler(lineHandler);
        try {
            tls = Tls.server(IDENTITY);
            server = SluiceServer.builder()
                    .group(group)
                    .listen(Endpoint.tcp("127.0.0.1", 0))
                    .protocol(withFallback ? fallback : magical)
                    .start();
            try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
                assertThatThrownBy(client::startHandshake).isInstanceOf(IOException.class);
            }
            awaitAllClosed();
            assertThat(serverFailures()).isEqualTo("unmatched=1");
            assertThat(server.stats().byProtocol()).containsValue(0L);
        } finally {
            log.removeHandler(lineHandler);
        }
        // One line a second at most: the other run of this test may have had it.
        assertThat(lines).allMatch(line -> line.contains("the client speaks TLS"));
    }

    @Test
    void shouldRefuseARenegotiation() throws Exception {
        serve();
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.2")) {
            echo(client, "before it");
            assertThatThrownBy(() -> {
                        client.startHandshake();
                        client.getInputStream().readAllBytes();
                        throw new SSLException("ended");
                    })
                    .isInstanceOf(IOException.class);
        }
        assertThat(fallback.awaitClosed().reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        awaitOneTlsFailure(TlsFailure.RENEGOTIATION);
        assertThat(serverFailures()).isEmpty();
    }

    private void shouldRefuseClientCertificate(String version, Optional<Identity> shown, TlsFailure kind)
            throws Exception {
        serve(
                Tls.serverBuilder(Identities.of(IDENTITY))
                        .clientCertificates(ClientAuth.REQUIRED, Trust.of(IDENTITY.certificate()))
                        .build(),
                fallback);
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, shown), version)) {
            assertThatThrownBy(() -> {
                        client.startHandshake();
                        assertThat(client.getInputStream().read()).isEqualTo(-1);
                    })
                    .isInstanceOf(IOException.class);
        }
        awaitOneTlsFailure(kind);
        assertThat(serverFailures()).isEqualTo("layerFailures=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldRefuseAClientWithoutTheCertificateThatIsRequired(String version) throws Exception {
        shouldRefuseClientCertificate(version, Optional.empty(), TlsFailure.NO_CLIENT_CERTIFICATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldRefuseAClientWhoseCertificateIsNotTrusted(String version) throws Exception {
        shouldRefuseClientCertificate(version, Optional.of(STRANGER), TlsFailure.CERTIFICATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldTellTheReaderOnTheLoopWhenTheClientIsCut(String version) throws Exception {
        serve();
        try (Socket raw = connect();
                SSLSocket client = secure(raw, trusting(IDENTITY, Optional.empty()), version)) {
            echo(client, "hello");
            raw.shutdownOutput();
            assertThat(fallback.awaitClosed().reason()).isEqualTo(Reason.TRUNCATED);
        }
        awaitOneTlsFailure(TlsFailure.TRUNCATED);
        assertThat(serverFailures()).isEmpty();
    }

    @Test
    void shouldCountAClientOnceWhenItIsCutBeforeItSaysWhatItSpeaks() throws Exception {
        serve(Tls.server(IDENTITY), magical);
        try (Socket raw = connect();
                SSLSocket client = secure(raw, trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
            client.getOutputStream().write(ascii("echo"));
            Waiting.until("shaken hands", () -> tls.stats().handshakes() == 1);
            raw.shutdownOutput();
            awaitAllClosed();
        }
        awaitOneTlsFailure(TlsFailure.TRUNCATED);
        assertThat(serverFailures()).isEqualTo("silent=1");
    }

    @Test
    void shouldTimeOutWhenTheClientSaysNothingAfterTheHandshake() throws Exception {
        serve(Tls.server(IDENTITY), magical);
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
            client.startHandshake();
            Waiting.until("shaken hands", () -> tls.stats().handshakes() == 1);
            pass(HANDSHAKE_TIMEOUT);
            awaitAllClosed();
        }
        assertThat(tlsFailures()).isEmpty();
        assertThat(serverFailures()).isEqualTo("detectTimeouts=1");
    }

    // ---------------------------------------------------------------- both on one port

    @Test
    void shouldServeBothWhenTlsIsOptional() throws Exception {
        serve(Tls.optional(Identities.of(IDENTITY)), fallback);
        try (SSLSocket client = secure(connect(), trusting(IDENTITY, Optional.empty()), "TLSv1.3")) {
            echo(client, "in TLS");
        }
        try (Socket client = connect()) {
            client.getOutputStream().write(ascii("in plaintext"));
            assertThat(client.getInputStream().readNBytes(12)).isEqualTo(ascii("in plaintext"));
        }
        awaitAllClosed();
        assertThat(serverFailures()).isEmpty();
    }

    @Test
    void shouldCountEachOnceWhenTlsIsOptional() throws Exception {
        serve(Tls.optional(Identities.of(IDENTITY)), magical);
        try (Socket garbage = connect()) {
            garbage.getOutputStream().write(ascii("GET / HTTP/1.1\r\n\r\n"));
            assertThat(isClosedByServer(garbage)).isTrue();
        }
        awaitAllClosed();
        assertThat(serverFailures()).isEqualTo("unmatched=1");
        try (Socket oversized = connect()) {
            oversized.getOutputStream().write(new byte[] {22, 3, 1, 0x48, 1});
            assertThat(isClosedByServer(oversized)).isTrue();
        }
        awaitOneTlsFailure(TlsFailure.MALFORMED);
        assertThat(serverFailures()).isEqualTo("unmatched=1 layerFailures=1");
        try (Socket silent = connect()) {
            silent.shutdownOutput();
            assertThat(isClosedByServer(silent)).isTrue();
        }
        awaitAllClosed();
        assertThat(serverFailures()).isEqualTo("unmatched=1 silent=1 layerFailures=1");
        try (Socket stalled = connect()) {
            Waiting.until("accepted", () -> server.stats().accepted() == 4);
            pass(HANDSHAKE_TIMEOUT);
            assertThat(isClosedByServer(stalled)).isTrue();
        }
        awaitAllClosed();
        assertThat(serverFailures()).isEqualTo("unmatched=1 silent=1 layerTimeouts=1 layerFailures=1");
    }
}
