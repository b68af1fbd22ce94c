package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsClientBuilder;
import dev.sluice.tls.TlsInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client against {@code openssl s_server}. */
class OpenSslServerIT {
    private static final int LARGE_BYTES = 64 << 20;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    @TempDir
    static Path folder;

    private static TestCertificates certificates;
    private static EventLoopGroup group;

    @BeforeAll
    static void makeCertificates() throws IOException {
        OpenSsl.require();
        certificates = TestCertificates.create(folder);
        group = EventLoopGroup.of(2);
    }

    @AfterAll
    static void closeGroup() {
        if (group != null) {
            group.close();
        }
    }

    /** An {@code s_server} that listens. */
    private record Listening(OpenSsl openssl, Endpoint endpoint) implements AutoCloseable {
        static Listening start(String identity, String... more) throws IOException {
            OpenSsl openssl = OpenSsl.start(arguments(identity, List.of("-accept", "127.0.0.1:0"), more));
            openssl.awaitOutput("ACCEPT 127.0.0.1:").awaitOutput("\n");
            String said = openssl.output();
            int at = said.indexOf("ACCEPT 127.0.0.1:") + "ACCEPT 127.0.0.1:".length();
            return new Listening(openssl, Endpoint.tcp("127.0.0.1", Integer.parseInt(digitsAt(said, at))));
        }

        private static String digitsAt(String text, int begin) {
            int end = begin;
            while (end < text.length() && Character.isDigit(text.charAt(end))) {
                end++;
            }
            return text.substring(begin, end);
        }

        /** One that says nothing itself: it sends the payload, and what it receives is its output. */
        static Listening startSending(Payload payload, String identity, String... more) throws IOException {
            // Quiet, it does not say which port it chose.
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            OpenSsl openssl = OpenSsl.startSending(
                    payload, arguments(identity, List.of("-quiet", "-nbio", "-accept", "127.0.0.1:" + port), more));
            return new Listening(openssl, Endpoint.tcp("127.0.0.1", port));
        }

        private static String[] arguments(String identity, List<String> where, String... more) {
            List<String> all = new ArrayList<>(List.of("s_server"));
            all.addAll(where);
            all.addAll(List.of("-cert", certificates.crt(identity), "-key", certificates.key(identity)));
            all.addAll(List.of(more));
            return all.toArray(String[]::new);
        }

        /** Connects, again and again while the server does not yet listen. */
        Connection connect(Tls client, Recorder recorder) throws Exception {
            long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
            while (true) {
                try {
                    return Waiting.result(group.connect(endpoint.with(client), recorder, CONNECT_LIMIT));
                } catch (TransportException e) {
                    if (e.reason() != Reason.REFUSED || System.nanoTime() > deadline) {
                        throw e;
                    }
                }
            }
        }

        @Override
        public void close() {
            openssl.close();
        }
    }

    private static TlsClientBuilder client() throws IOException {
        return Tls.clientBuilder().trust(certificates.trust("ca")).serverName("localhost");
    }

    private static TlsInfo info(Connection connection) {
        return Tls.info(connection).orElseThrow();
    }

    /** Sends a line on the loop; the server, started with -rev, sends it back turned round. */
    private static void reverseOnLoop(Connection connection, Recorder recorder) throws Exception {
        onLoop(connection, c -> c.write(ascii("Sluice\n")));
        recorder.awaitReceived(7);
        assertThat(new String(recorder.receivedHead(), StandardCharsets.US_ASCII))
                .isEqualTo("eciulS\n");
    }

    /** The server takes one connection at a time. */
    private static TlsInfo reverseOnLoopAndClose(Listening server, Tls client) throws Exception {
        Recorder recorder = new Recorder();
        Connection connection = server.connect(client, recorder);
        reverseOnLoop(connection, recorder);
        TlsInfo info = info(connection);
        onLoop(connection, Connection::close);
        assertThat(recorder.awaitClosed().reason()).isEqualTo(Reason.CLOSED);
        return info;
    }

    private static void reverseBlocking(ByteStream stream) throws IOException {
        stream.write(ascii("Sluice\n"));
        ByteBuffer reply = ByteBuffer.allocate(7);
        while (reply.hasRemaining() && stream.read(reply) >= 0) {
            // Goes on until all is there.
        }
        assertThat(new String(reply.array(), StandardCharsets.US_ASCII)).isEqualTo("eciulS\n");
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void onLoop(Connection connection, Recorder.Callback body) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        connection.loop().execute(() -> {
            try {
                body.run(connection);
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        Waiting.result(done);
    }

    /** Connects, and takes the blocking view at once. */
    private static ByteStream blocking(Listening server, Tls client) throws Exception {
        CompletableFuture<ByteStream> view = new CompletableFuture<>();
        Recorder recorder = new Recorder().onAttached(c -> view.complete(c.blocking()));
        server.connect(client, recorder);
        return Waiting.result(view);
    }

    private static TransportException failure(Listening server, Tls client) {
        return catchThrowableOfType(TransportException.class, () -> server.connect(client, new Recorder()));
    }

    // ---------------------------------------------------------------- versions, keys, client certificates

    @ParameterizedTest
    @CsvSource({
        "-tls1_2, ec, TLSv1.2", "-tls1_2, rsa, TLSv1.2", "-tls1_2, large, TLSv1.2",
        "-tls1_3, ec, TLSv1.3", "-tls1_3, rsa, TLSv1.3", "-tls1_3, large, TLSv1.3"
    })
    void shouldTalkToServer(String option, String identity, String version) throws Exception {
        try (Listening server = Listening.start(identity, option, "-rev")) {
            TlsInfo info = reverseOnLoopAndClose(server, client().build());
            assertThat(info.protocol()).isEqualTo(version);

            try (ByteStream stream = blocking(server, client().build())) {
                reverseBlocking(stream);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_2, -max_send_frag, 512",
        "-tls1_3, -max_send_frag, 512",
        "-tls1_3, -num_tickets, 0",
        "-tls1_3, -num_tickets, 20",
        "-tls1_3, -ciphersuites, TLS_CHACHA20_POLY1305_SHA256",
        "-tls1_2, -cipher, ECDHE-ECDSA-CHACHA20-POLY1305",
        "-tls1_3, -record_padding, 1024",
        "-tls1_3, -groups, P-384"
    })
    void shouldTalkToServerOfUnusualTaste(String version, String option, String value) throws Exception {
        try (Listening server = Listening.start("large", version, "-rev", option, value)) {
            reverseOnLoopAndClose(server, client().build());
            try (ByteStream stream = blocking(server, client().build())) {
                reverseBlocking(stream);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, client", "-tls1_3, client", "-tls1_2, large", "-tls1_3, large"})
    void shouldShowItsCertificate(String version, String identity) throws Exception {
        try (Listening server = Listening.start("ec", mutual(version))) {
            Tls client = client().identity(Identities.of(certificates.identity(identity)))
                    .build();
            reverseOnLoopAndClose(server, client);
            try (ByteStream stream = blocking(server, client)) {
                reverseBlocking(stream);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, none", "-tls1_3, none", "-tls1_2, untrusted", "-tls1_3, untrusted"})
    void shouldTellThatItsCertificateIsRefused(String version, String identity) throws Exception {
        try (Listening server = Listening.start("ec", mutual(version))) {
            TlsClientBuilder settings = client();
            if (!identity.equals("none")) {
                settings.identity(Identities.of(certificates.identity(identity)));
            }
            TransportException why = refused(server, settings.build());

            assertThat(why.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
            assertThat(why).hasMessageContaining("alert");
        }
    }

    /** In TLS 1.3 a client has finished its handshake before the server judges its certificate. */
    private static TransportException refused(Listening server, Tls client) throws Exception {
        Recorder recorder = new Recorder();
        try {
            server.connect(client, recorder);
        } catch (TransportException e) {
            return e;
        }
        return recorder.awaitClosed();
    }

    private static String[] mutual(String version) {
        return new String[] {version, "-rev", "-Verify", "1", "-CAfile", certificates.crt("ca"), "-verify_return_error"
        };
    }

    // ---------------------------------------------------------------- ALPN, SNI, sessions

    @Test
    void shouldAgreeOnApplicationProtocol() throws Exception {
        try (Listening server = Listening.start("ec", "-rev", "-alpn", "echo,h2")) {
            Recorder recorder = new Recorder();
            Connection connection =
                    server.connect(client().applicationProtocols("h2", "echo").build(), recorder);

            assertThat(info(connection).applicationProtocol()).contains("echo");
            reverseOnLoop(connection, recorder);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void shouldBeRefusedWithoutCommonApplicationProtocol(String version) throws Exception {
        try (Listening server = Listening.start("ec", version, "-rev", "-alpn", "http/1.1")) {
            TransportException why =
                    failure(server, client().applicationProtocols("h2").build());

            assertThat(why.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
            assertThat(why).hasMessageContaining("no_application_protocol");
        }
    }

    @Test
    void shouldAskForServerByName() throws Exception {
        try (Listening server = Listening.start(
                "ec",
                "-rev",
                "-servername",
                "second.example",
                "-cert2",
                certificates.crt("second"),
                "-key2",
                certificates.key("second"))) {
            Connection second =
                    server.connect(client().serverName("second.example").build(), new Recorder());
            assertThat(subject(second)).isEqualTo("CN=second");
            onLoop(second, Connection::close);

            assertThat(subject(server.connect(client().build(), new Recorder())))
                    .isEqualTo("CN=ec");
        }
    }

    private static String subject(Connection connection) {
        return info(connection)
                .peerCertificates()
                .get(0)
                .getSubjectX500Principal()
                .getName();
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, -no_comp", "-tls1_2, -no_ticket", "-tls1_3, -no_comp"})
    void shouldResumeSession(String version, String option) throws Exception {
        Tls client = client().build();
        try (Listening server = Listening.start("ec", version, option)) {
            for (int i = 0; i < 2; i++) {
                Recorder recorder = new Recorder();
                Connection connection = server.connect(client, recorder);
                server.openssl.type("hello client " + i);
                recorder.awaitReceived("hello client 0\n".length());
                onLoop(connection, Connection::close);
                recorder.awaitClosed();
            }
            server.openssl.awaitOutput("Reused session-id");
        }
    }

    // ---------------------------------------------------------------- whom it does not trust

    @ParameterizedTest
    @CsvSource({
        "expired, localhost, ca, NotAfter",
        "second, localhost, ca, localhost",
        "ec, 127.0.0.2, ca, 127.0.0.2",
        "untrusted, localhost, ca, certification path",
        "ec, localhost, other, certification path"
    })
    void shouldRefuseServer(String identity, String name, String trusted, String text) throws Exception {
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            try (Listening server = Listening.start(identity, version)) {
                Tls client = Tls.clientBuilder()
                        .trust(certificates.trust(trusted))
                        .serverName(name)
                        .build();
                TransportException why = failure(server, client);

                assertThat(why).isNotNull().hasMessageContaining(text);
                assertThat(why.reason()).isEqualTo(Reason.UNTRUSTED);
                server.openssl.awaitOutput("SSL alert number");
            }
        }
    }

    @Test
    void shouldRefuseOldVersions() throws Exception {
        try (Listening server = Listening.start("ec", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")) {
            assertThat(failure(server, client().build()).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
        }
    }

    // ---------------------------------------------------------------- records

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldChangeKeysWhenAskedTo(boolean blocking) throws Exception {
        try (Listening server = Listening.start("ec", "-tls1_3", "-msg")) {
            CompletableFuture<ByteStream> view = new CompletableFuture<>();
            Recorder recorder = new Recorder();
            if (blocking) {
                recorder.onAttached(c -> view.complete(c.blocking()));
            }
            Connection connection = server.connect(client().build(), recorder);
            for (int i = 1; i <= 4; i++) {
                String line = "line " + i + "\n";
                if (blocking) {
                    Waiting.result(view).write(ascii(line));
                } else {
                    onLoop(connection, c -> c.write(ascii(line)));
                }
                server.openssl.awaitOutput(line);
                // A line that comes with the letter in one piece would be taken for a part of it.
                server.openssl
                        .type(i % 2 == 0 ? "K" : "k")
                        .awaitOutput(">>> TLS 1.3, Handshake [length 0005], KeyUpdate", i);
                server.openssl.type("hello " + i);
                if (blocking) {
                    assertThat(readLine(Waiting.result(view))).isEqualTo("hello " + i);
                } else {
                    recorder.awaitReceived("hello 1\n".length() * (long) i);
                }
            }
        }
    }

    private static String readLine(ByteStream stream) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (stream.read(one.clear()) > 0 && one.get(0) != '\n') {
            line.append((char) one.get(0));
        }
        return line.toString();
    }

    @Test
    void shouldRefuseRenegotiation() throws Exception {
        try (Listening server = Listening.start("ec", "-tls1_2")) {
            Recorder recorder = new Recorder();
            Connection connection = server.connect(client().build(), recorder);
            onLoop(connection, c -> c.write(ascii("line\n")));
            server.openssl.awaitOutput("line");
            server.openssl.type("r");

            TransportException why = recorder.awaitClosed();
            assertThat(why.reason()).isEqualTo(Reason.PROTOCOL_ERROR);
            assertThat(why).hasMessageContaining("renegotiation");
        }
    }

    @ParameterizedTest
    @CsvSource({"false, -tls1_2", "false, -tls1_3", "true, -tls1_2", "true, -tls1_3"})
    void shouldMove64MiBBothWays(boolean blocking, String version) throws Exception {
        Payload theirs = new Payload(7, LARGE_BYTES);
        Payload ours = new Payload(8, LARGE_BYTES);
        try (Listening server = Listening.startSending(theirs, "ec", version)) {
            if (blocking) {
                moveBlocking(blocking(server, client().build()), ours, theirs);
            } else {
                CompletableFuture<CompletableFuture<Void>> sending = new CompletableFuture<>();
                Recorder recorder = new Recorder();
                recorder.onAttached(c -> sending.complete(recorder.send(c, ours, 100_000)));
                server.connect(client().build(), recorder);
                recorder.awaitReceived(LARGE_BYTES);
                Waiting.result(sending.thenCompose(sent -> sent));
                assertThat(recorder.receivedSha256()).isEqualTo(theirs.sha256());
            }
            assertThat(sha256(server.openssl.awaitBytes(LARGE_BYTES))).isEqualTo(ours.sha256());
        }
    }

    private static void moveBlocking(ByteStream stream, Payload ours, Payload theirs) throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        Thread writer = new Thread(() -> {
            try {
                ByteBuffer piece = ByteBuffer.allocate(100_000);
                for (long at = 0; at < ours.length(); at += piece.limit()) {
                    ours.fill(at, piece.clear());
                    stream.write(piece.flip());
                }
                written.complete(null);
            } catch (IOException | RuntimeException e) {
                written.completeExceptionally(e);
            }
        });
        writer.start();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        ByteBuffer piece = ByteBuffer.allocate(200_000);
        for (long received = 0; received < theirs.length(); received += piece.limit()) {
            assertThat(stream.read(piece.clear())).isPositive();
            digest.update(piece.flip().duplicate());
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(theirs.sha256());
        Waiting.result(written);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    // ---------------------------------------------------------------- ends

    @ParameterizedTest
    @CsvSource({"false, -tls1_2", "false, -tls1_3", "true, -tls1_2", "true, -tls1_3"})
    void shouldReadEndThatServerSays(boolean blocking, String version) throws Exception {
        try (Listening server = Listening.start("ec", version, "-www")) {
            ByteBuffer request = ascii("GET / HTTP/1.0\r\n\r\n");
            if (blocking) {
                try (ByteStream stream = blocking(server, client().build())) {
                    stream.write(request);
                    byte[] page = stream.inputStream().readAllBytes();
                    assertThat(new String(page, StandardCharsets.US_ASCII)).contains("</pre></BODY></HTML>");
                }
                return;
            }
            Recorder recorder = new Recorder();
            recorder.onReadable(c -> {
                if (recorder.readOnce(c) < 0) {
                    c.close();
                }
            });
            Connection connection = server.connect(client().build(), recorder);
            onLoop(connection, c -> c.write(request));

            assertThat(recorder.awaitClosed().reason()).isEqualTo(Reason.CLOSED);
            assertThat(recorder.endsSeen()).isOne();
            assertThat(new String(recorder.receivedHead(), StandardCharsets.US_ASCII))
                    .contains("</pre></BODY></HTML>");
        }
    }

    @ParameterizedTest
    @CsvSource({"false, -tls1_2", "false, -tls1_3", "true, -tls1_2", "true, -tls1_3"})
    void shouldSayEndToServer(boolean blocking, String version) throws Exception {
        try (Listening server = Listening.start("ec", version, "-naccept", "1", "-msg")) {
            if (blocking) {
                try (ByteStream stream = blocking(server, client().build())) {
                    stream.write(ascii("line\n"));
                }
            } else {
                Recorder recorder = new Recorder();
                Connection connection = server.connect(client().build(), recorder);
                onLoop(connection, c -> {
                    c.write(ascii("line\n"));
                    c.close();
                });
            }
            assertThat(server.openssl.awaitExit()).isZero();
            assertThat(server.openssl.output()).contains("line").containsPattern("<<< .*close_notify");
        }
    }

    /** Its letter Q closes the socket and says nothing. */
    @ParameterizedTest
    @CsvSource({"false, -tls1_2, true", "false, -tls1_3, false", "true, -tls1_2, false", "true, -tls1_3, true"})
    void shouldReportTruncationWhenServerJustLeaves(boolean blocking, String version, boolean kill) throws Exception {
        try (Listening server = Listening.start("ec", version)) {
            CompletableFuture<ByteStream> view = new CompletableFuture<>();
            Recorder recorder = new Recorder();
            recorder.onAttached(c -> {
                if (blocking) {
                    view.complete(c.blocking());
                } else {
                    c.write(ascii("line\n"));
                }
            });
            server.connect(client().build(), recorder);
            if (blocking) {
                Waiting.result(view).write(ascii("line\n"));
            }
            server.openssl.awaitOutput("line");
            if (kill) {
                server.openssl.kill();
            } else {
                server.openssl.type("Q");
            }

            TransportException why = blocking
                    ? catchThrowableOfType(
                            TransportException.class, () -> Waiting.result(view).read(ByteBuffer.allocate(1)))
                    : recorder.awaitClosed();
            assertThat(why).isNotNull();
            assertThat(why.reason()).isEqualTo(Reason.TRUNCATED);
        }
    }
}
