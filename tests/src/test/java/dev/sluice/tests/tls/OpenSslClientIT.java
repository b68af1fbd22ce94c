package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tests.tls.EchoProtocol.Mode;
import dev.sluice.tests.tls.EchoProtocol.Seen;
import dev.sluice.tls.ClientAuth;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsFailure;
import dev.sluice.tls.TlsInfo;
import dev.sluice.tls.TlsServerBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code openssl s_client} against our server. */
class OpenSslClientIT {
    private static final int LARGE_BYTES = 64 << 20;

    @TempDir
    static Path folder;

    private static TestCertificates certificates;

    @BeforeAll
    static void makeCertificates() throws IOException {
        OpenSsl.require();
        certificates = TestCertificates.create(folder);
    }

    /** A server that runs. */
    private record Served(SluiceServer server, Tls tls, EchoProtocol protocol) implements AutoCloseable {
        static Served start(Endpoint below, TlsServerBuilder settings, Mode mode) throws IOException {
            Tls tls = settings.build();
            EchoProtocol protocol = new EchoProtocol(mode);
            SluiceServer server = SluiceServer.builder()
                    .listen(below.with(tls))
                    .protocol(protocol)
                    .drainLimit(Duration.ZERO)
                    .start();
            return new Served(server, tls, protocol);
        }

        static Served start(TlsServerBuilder settings, Mode mode) throws IOException {
            return start(Endpoint.tcp("127.0.0.1", 0), settings, mode);
        }

        OpenSsl client(String... more) throws IOException {
            return OpenSsl.start(clientArguments(more));
        }

        String[] clientArguments(String... more) {
            Endpoint endpoint = server.endpoints().get(0).below();
            List<String> arguments = new ArrayList<>(List.of("s_client"));
            arguments.addAll(
                    endpoint.port() > 0
                            ? List.of("-connect", "127.0.0.1:" + endpoint.port())
                            : List.of("-unix", endpoint.name()));
            arguments.addAll(List.of("-CAfile", certificates.crt("ca"), "-verify_return_error"));
            arguments.addAll(List.of(more));
            return arguments.toArray(String[]::new);
        }

        Seen nextSeen() throws InterruptedException {
            Seen seen = protocol.seen().poll(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(seen).as("a connection that reached the protocol").isNotNull();
            return seen;
        }

        void awaitFailures(TlsFailure kind, long count) {
            Waiting.until(
                    count + " failures " + kind, () -> tls.stats().failures().get(kind) == count);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static TlsServerBuilder server(String identity) throws IOException {
        return Tls.serverBuilder(Identities.of(certificates.identity(identity)));
    }

    /** Sends a line, gets it back, and ends in an orderly way, which both sides have to take for that. */
    private static TlsInfo echoAndEnd(Served served, OpenSsl client) throws Exception {
        client.type("over there").awaitOutput("over there");
        client.endInput();
        assertThat(client.awaitExit()).as(client.output()).isZero();
        return endedWell(served.nextSeen());
    }

    private static TlsInfo endedWell(Seen seen) throws Exception {
        assertThat(Waiting.result(seen.failure())).isEmpty();
        assertThat(Waiting.result(seen.closed()).reason()).isEqualTo(Reason.CLOSED);
        return seen.tls().orElseThrow();
    }

    // ---------------------------------------------------------------- versions, keys, cipher suites

    @ParameterizedTest
    @CsvSource({
        "LOOP, ec, -tls1_2, TLSv1.2",
        "LOOP, rsa, -tls1_2, TLSv1.2",
        "LOOP, ec, -tls1_3, TLSv1.3",
        "LOOP, rsa, -tls1_3, TLSv1.3",
        "BLOCKING, ec, -tls1_2, TLSv1.2",
        "BLOCKING, rsa, -tls1_3, TLSv1.3"
    })
    void shouldEchoOverTcp(Mode mode, String identity, String option, String version) throws Exception {
        try (Served served = Served.start(server(identity), mode);
                OpenSsl client = served.client(option, "-verify_hostname", "localhost")) {
            client.awaitOutput("Verification: OK").awaitOutput("Verified peername: localhost");

            assertThat(echoAndEnd(served, client).protocol()).isEqualTo(version);
            assertThat(client.output()).contains("subject=CN = " + identity);
        }
    }

    @ParameterizedTest
    @CsvSource({"LOOP, -tls1_2", "LOOP, -tls1_3", "BLOCKING, -tls1_2", "BLOCKING, -tls1_3"})
    void shouldEchoOverUnixSocket(Mode mode, String option) throws Exception {
        Path socket = Files.createTempDirectory(folder, "u").resolve("tls.sock");
        try (Served served = Served.start(Endpoint.unix(socket), server("ec"), mode);
                OpenSsl client = served.client(option)) {
            echoAndEnd(served, client);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldLetBothInWhenTlsIsOptional(Mode mode) throws Exception {
        Path socket = Files.createTempDirectory(folder, "u").resolve("tls.sock");
        try (Served served = Served.start(Endpoint.unix(socket), server("ec").optional(), mode)) {
            try (OpenSsl client = served.client()) {
                echoAndEnd(served, client);
            }
            ByteBuffer reply = ByteBuffer.allocate(5);
            try (var plain = java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(socket))) {
                plain.write(ByteBuffer.wrap("plain".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
                while (reply.hasRemaining() && plain.read(reply) >= 0) {
                    // Goes on until all is there.
                }
            }
            assertThat(new String(reply.array(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("plain");
            assertThat(served.nextSeen().tls()).isEmpty();
        }
    }

    @Test
    void shouldRefuseVersionsBefore12() throws Exception {
        try (Served served = Served.start(server("ec"), Mode.LOOP);
                OpenSsl client = served.client("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")) {
            assertThat(client.awaitExit()).isNotZero();
            assertThat(client.output()).contains("alert protocol version");
            served.awaitFailures(TlsFailure.NOTHING_IN_COMMON, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_2, -cipher, ECDHE-ECDSA-CHACHA20-POLY1305, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "-tls1_2, -cipher, ECDHE-RSA-CHACHA20-POLY1305, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "-tls1_3, -ciphersuites, TLS_CHACHA20_POLY1305_SHA256, TLS_CHACHA20_POLY1305_SHA256",
        "-tls1_3, -ciphersuites, TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256",
        "-tls1_2, -sigalgs, RSA-PSS+SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    })
    void shouldChooseCipherSuiteAmongThoseOffered(String version, String option, String offered, String chosen)
            throws Exception {
        Identities both = Identities.of(certificates.identity("ec"), certificates.identity("rsa"));
        try (Served served = Served.start(Tls.serverBuilder(both), Mode.LOOP);
                OpenSsl client = served.client(version, option, offered)) {
            assertThat(echoAndEnd(served, client).cipherSuite()).isEqualTo(chosen);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void shouldBeTrustedByItsSelfSignedCertificate(String version) throws Exception {
        Identity own = Identity.selfSigned("localhost");
        Path file = folder.resolve("own" + version + ".crt");
        String pem = Base64.getMimeEncoder().encodeToString(own.certificate().getEncoded());
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + pem + "\n-----END CERTIFICATE-----\n");
        try (Served served = Served.start(Tls.serverBuilder(Identities.of(own)), Mode.LOOP);
                OpenSsl client = served.client(version, "-CAfile", file.toString(), "-verify_hostname", "localhost")) {
            client.awaitOutput("Verification: OK");
            echoAndEnd(served, client);
        }
    }

    // ---------------------------------------------------------------- client certificates, ALPN, SNI

    @ParameterizedTest
    @CsvSource({
        "REQUIRED, -tls1_2, client", "REQUIRED, -tls1_3, client", "OPTIONAL, -tls1_2, client",
        "OPTIONAL, -tls1_3, client", "OPTIONAL, -tls1_2, none", "OPTIONAL, -tls1_3, none",
        "NONE, -tls1_3, client", "REQUIRED, -tls1_2, large", "REQUIRED, -tls1_3, large"
    })
    void shouldLetInClientWithCertificate(ClientAuth auth, String version, String identity) throws Exception {
        TlsServerBuilder settings = server("ec").clientCertificates(auth, certificates.trust("ca"));
        try (Served served = Served.start(settings, Mode.LOOP);
                OpenSsl client = served.client(withIdentity(identity, version))) {
            TlsInfo info = echoAndEnd(served, client);

            Optional<String> subject = info.peerCertificates().stream()
                    .findFirst()
                    .map(certificate -> certificate.getSubjectX500Principal().getName());
            boolean shown = auth != ClientAuth.NONE && !identity.equals("none");
            assertThat(subject).isEqualTo(shown ? Optional.of("CN=" + identity) : Optional.empty());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REQUIRED, -tls1_2, none, NO_CLIENT_CERTIFICATE", "REQUIRED, -tls1_3, none, NO_CLIENT_CERTIFICATE",
        "REQUIRED, -tls1_2, untrusted, CERTIFICATE", "REQUIRED, -tls1_3, untrusted, CERTIFICATE",
        "OPTIONAL, -tls1_2, untrusted, CERTIFICATE", "OPTIONAL, -tls1_3, untrusted, CERTIFICATE",
        "REQUIRED, -tls1_3, expired, CERTIFICATE"
    })
    void shouldRefuseClientByAlert(ClientAuth auth, String version, String identity, TlsFailure failure)
            throws Exception {
        TlsServerBuilder settings = server("ec").clientCertificates(auth, certificates.trust("ca"));
        try (Served served = Served.start(settings, Mode.LOOP);
                OpenSsl client = served.client(withIdentity(identity, version))) {
            assertThat(client.awaitExit()).as(client.output()).isNotZero();
            assertThat(client.output()).contains("SSL alert number");
            served.awaitFailures(failure, 1);
            assertThat(served.protocol().seen()).isEmpty();
        }
    }

    private static String[] withIdentity(String identity, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        if (!identity.equals("none")) {
            arguments.addAll(List.of("-cert", certificates.crt(identity), "-key", certificates.key(identity)));
        }
        return arguments.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void shouldAgreeOnApplicationProtocolOrRefuse(String version) throws Exception {
        try (Served served = Served.start(server("ec").applicationProtocols("h2", "echo"), Mode.LOOP)) {
            try (OpenSsl client = served.client(version, "-alpn", "http/1.1,echo,h2")) {
                client.awaitOutput("ALPN protocol: h2");
                assertThat(echoAndEnd(served, client).applicationProtocol()).contains("h2");
            }
            try (OpenSsl client = served.client(version)) {
                assertThat(echoAndEnd(served, client).applicationProtocol()).isEmpty();
            }
            try (OpenSsl client = served.client(version, "-alpn", "http/1.1")) {
                assertThat(client.awaitExit()).isNotZero();
                assertThat(client.output()).contains("alert no application protocol");
                served.awaitFailures(TlsFailure.NOTHING_IN_COMMON, 1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_2, second.example, second",
        "-tls1_3, SECOND.example, second",
        "-tls1_3, third.example, ec",
        "-tls1_3, a.wild.example, rsa"
    })
    void shouldShowCertificateOfTheNameAskedFor(String version, String name, String identity) throws Exception {
        Identities identities = Identities.bySni(
                certificates.identity("ec"),
                Map.of(
                        "second.example",
                        certificates.identity("second"),
                        "*.wild.example",
                        certificates.identity("rsa")));
        try (Served served = Served.start(Tls.serverBuilder(identities), Mode.LOOP);
                OpenSsl client = served.client(version, "-servername", name)) {
            TlsInfo info = echoAndEnd(served, client);

            assertThat(client.output()).contains("subject=CN = " + identity);
            assertThat(info.serverName().orElseThrow()).isEqualToIgnoringCase(name);
        }
    }

    // ---------------------------------------------------------------- sessions

    @ParameterizedTest
    @CsvSource({"LOOP, -tls1_2, -nbio", "LOOP, -tls1_2, -no_ticket", "LOOP, -tls1_3, -nbio", "BLOCKING, -tls1_3, -nbio"
    })
    void shouldResumeSession(Mode mode, String version, String more) throws Exception {
        String session = folder.resolve("session" + mode + version + more).toString();
        TlsServerBuilder settings = server("ec").clientCertificates(ClientAuth.REQUIRED, certificates.trust("ca"));
        try (Served served = Served.start(settings, mode)) {
            String[] identity = withIdentity("client", version, more);
            try (OpenSsl first = served.client(with(identity, "-sess_out", session))) {
                first.awaitOutput("New, TLS");
                echoAndEnd(served, first);
            }
            try (OpenSsl second = served.client(with(identity, "-sess_in", session))) {
                second.awaitOutput("Reused, TLS");
                assertThat(echoAndEnd(served, second).peerCertificates()).isNotEmpty();
            }
        }
    }

    /** We offer no early data, so a client that wants to send some has to do without. */
    @Test
    void shouldDoWithoutEarlyData() throws Exception {
        String session = folder.resolve("session-early").toString();
        try (Served served = Served.start(server("ec"), Mode.LOOP)) {
            try (OpenSsl first = served.client("-tls1_3", "-sess_out", session)) {
                echoAndEnd(served, first);
            }
            try (OpenSsl second =
                    served.client("-tls1_3", "-sess_in", session, "-early_data", certificates.crt("ec"))) {
                second.awaitOutput("Early data was not sent");
                echoAndEnd(served, second);
            }
        }
    }

    private static String[] with(String[] arguments, String... more) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    // ---------------------------------------------------------------- records

    @ParameterizedTest
    @CsvSource({
        "LOOP, -max_send_frag, -tls1_2",
        "LOOP, -max_send_frag, -tls1_3",
        "BLOCKING, -max_send_frag, -tls1_3",
        "LOOP, -maxfraglen, -tls1_2",
        "LOOP, -maxfraglen, -tls1_3"
    })
    void shouldTakeSmallRecords(Mode mode, String option, String version) throws Exception {
        TlsServerBuilder settings = server("ec").clientCertificates(ClientAuth.REQUIRED, certificates.trust("ca"));
        try (Served served = Served.start(settings, mode);
                OpenSsl client = served.client(withIdentity("large", option, "512", version))) {
            client.type("a".repeat(5000)).awaitOutput("a".repeat(5000));
            echoAndEnd(served, client);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldChangeKeysWhenAskedTo(Mode mode) throws Exception {
        try (Served served = Served.start(server("ec"), mode);
                OpenSsl client = served.client("-tls1_3")) {
            client.type("before").awaitOutput("before");
            for (int i = 1; i <= 3; i++) {
                client.type("K").awaitOutput("KEYUPDATE", 2 * i - 1);
                client.type("line " + i).awaitOutput("line " + i);
                client.type("k").awaitOutput("KEYUPDATE", 2 * i);
                client.type("again " + i).awaitOutput("again " + i);
            }
            echoAndEnd(served, client);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldRefuseRenegotiation(Mode mode) throws Exception {
        try (Served served = Served.start(server("ec"), mode);
                OpenSsl client = served.client("-tls1_2")) {
            client.type("over there").awaitOutput("over there");
            client.type("R").awaitOutput("RENEGOTIATING");
            client.awaitExit();

            Exception failure = Waiting.result(served.nextSeen().failure()).orElseThrow();
            assertThat(failure).isInstanceOf(TransportException.class).hasMessageContaining("renegotiation");
            assertThat(((TransportException) failure).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        }
    }

    @ParameterizedTest
    @CsvSource({"LOOP, -tls1_2", "LOOP, -tls1_3", "BLOCKING, -tls1_2", "BLOCKING, -tls1_3"})
    void shouldEcho64MiB(Mode mode, String version) throws Exception {
        Payload payload = new Payload(3, LARGE_BYTES);
        try (Served served = Served.start(server("ec"), mode);
                OpenSsl client =
                        OpenSsl.startSending(payload, served.clientArguments(version, "-quiet", "-ign_eof", "-nbio"))) {
            byte[] echoed = client.awaitBytes(LARGE_BYTES);

            assertThat(sha256(echoed)).isEqualTo(payload.sha256());
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    // ---------------------------------------------------------------- ends

    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldReportTruncationWhenClientIsKilled(Mode mode) throws Exception {
        try (Served served = Served.start(server("ec"), mode);
                OpenSsl client = served.client()) {
            client.type("over there").awaitOutput("over there");
            client.kill();

            Exception failure = Waiting.result(served.nextSeen().failure()).orElseThrow();
            assertThat(((TransportException) failure).reason()).isEqualTo(Reason.TRUNCATED);
        }
    }

    /** A Unix socket tells who writes to a peer that has gone; here that is no failure any more. */
    @ParameterizedTest
    @CsvSource({"false, -tls1_2", "false, -tls1_3", "true, -tls1_2", "true, -tls1_3"})
    void shouldEndWellWhenClientLeavesRightAfterItsEnd(boolean blocking, String version) throws Exception {
        Endpoint endpoint = Endpoint.unix(Files.createTempDirectory(folder, "u").resolve("tls.sock"));
        CompletableFuture<ByteStream> view = new CompletableFuture<>();
        CompletableFuture<TransportException> closed = new CompletableFuture<>();
        Recorder recorder = new Recorder().onAttached(c -> {
            c.whenClosed(closed::complete);
            if (blocking) {
                view.complete(c.blocking());
            }
        });
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = group.listen(endpoint.with(server("ec").build()), c -> recorder);
                OpenSsl client = OpenSsl.start(
                        "s_client", "-unix", listener.endpoint().below().name(), version, "-no_ign_eof")) {
            client.type("over there").endInput();
            if (blocking) {
                ByteStream stream = Waiting.result(view);
                assertThat(stream.inputStream().readAllBytes()).hasSize("over there\n".length());
                client.awaitExit();
                stream.shutdownOutput();
                stream.close();
            } else {
                recorder.awaitEnd();
                client.awaitExit();
                Connection connection = recorder.awaitAttached();
                CompletableFuture<Void> ended = new CompletableFuture<>();
                connection.loop().execute(() -> {
                    try {
                        connection.shutdownOutput();
                        ended.complete(null);
                    } catch (TransportException e) {
                        ended.completeExceptionally(e);
                    }
                    connection.close();
                });
                Waiting.result(ended);
                assertThat(recorder.receivedBytes()).isEqualTo("over there\n".length());
            }
            assertThat(Waiting.result(closed).reason()).isEqualTo(Reason.CLOSED);
        }
    }
}
