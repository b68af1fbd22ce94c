package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import dev.sluice.yamux.YamuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Yamux with Go's two libraries at the other end. The scenarios are those of the peers' README. */
class YamuxGoIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MIB = 1 << 20;

    private static final YamuxConfig CONFIG = YamuxConfig.builder()
            .maxInboundStreams(1100)
            .maxOutboundStreams(1000)
            .sessionMemoryBytes(2100L * YamuxConfig.PROTOCOL_WINDOW_BYTES)
            .build();

    private final EventLoopGroup group = EventLoopGroup.of(1);

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        group.close();
        assertThat(group.buffers().outstanding()).isEmpty();
    }

    // ---------------------------------------------------------------- sessions

    private Yamux dial(Endpoint endpoint, boolean client, YamuxConfig config) throws Exception {
        CompletableFuture<Yamux> session = new CompletableFuture<>();
        Waiting.result(group.connect(endpoint, starter(client, config, session), LIMIT));
        return Waiting.result(session);
    }

    private static ConnectionHandler starter(boolean client, YamuxConfig config, CompletableFuture<Yamux> session) {
        return new Recorder()
                .onAttached(c -> session.complete(
                        client
                                ? Yamux.client(c, config, stream -> new ScenarioAcceptor(YamuxGoIT::perform))
                                : Yamux.server(c, config, stream -> new ScenarioAcceptor(YamuxGoIT::perform))));
    }

    private static GoPeer listening(Endpoint endpoint, String library, boolean client, String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "yamux", "-listen", endpoint.toString(), "-library", library, "-role", client ? "client" : "server"));
        arguments.addAll(List.of(more));
        return GoPeers.start(arguments.toArray(String[]::new));
    }

    /** Opens a stream, which collects what comes, and says its first line. For that there is no room while it waits for its turn. */
    private static Recorder open(Yamux session, String line) throws Exception {
        Recorder recorder = new Recorder();
        ByteBuffer first = ascii(line + "\n");
        CompletableFuture<Void> said = new CompletableFuture<>();
        Recorder.Callback say = c -> {
            c.write(first);
            if (!first.hasRemaining()) {
                said.complete(null);
                recorder.sendOn(c);
            }
        };
        recorder.onAttached(say).onWritable(say);
        Waiting.result(session.openStream(recorder));
        Waiting.result(said);
        return recorder;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void onLoop(Recorder recorder, Recorder.Callback callback) throws Exception {
        Connection stream = recorder.awaitAttached();
        CompletableFuture<Void> done = new CompletableFuture<>();
        stream.loop().post(() -> {
            try {
                callback.run(stream);
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        Waiting.result(done);
    }

    /** Sends all of it, and then the end. */
    private static CompletableFuture<Void> send(Recorder recorder, Payload payload) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        onLoop(recorder, c -> {
            CompletableFuture<Void> sent = payload.length() == 0
                    ? CompletableFuture.completedFuture(null)
                    : recorder.send(c, payload, 64 << 10);
            CompletableFuture<Void> unused = sent.thenRun(() -> end(c, ended));
        });
        return ended;
    }

    /** Returns when more than the window was sent: the peer has read half of that at least. */
    private static void sendMoreThanFits(Recorder recorder) throws Exception {
        CompletableFuture<CompletableFuture<Void>> sending = new CompletableFuture<>();
        onLoop(
                recorder,
                c -> sending.complete(
                        recorder.send(c, new Payload(7, 2 * YamuxConfig.PROTOCOL_WINDOW_BYTES), 64 << 10)));
        Waiting.result(Waiting.result(sending));
    }

    private static void end(Connection stream, CompletableFuture<Void> ended) {
        try {
            stream.shutdownOutput();
            ended.complete(null);
        } catch (TransportException e) {
            ended.completeExceptionally(e);
        }
    }

    // ---------------------------------------------------------------- Go accepts

    @ParameterizedTest
    @CsvSource({"hashicorp, true", "hashicorp, false", "libp2p, true", "libp2p, false"})
    void shouldOpenStreamsToGo(String library, boolean client) throws Exception {
        try (GoPeer go = listening(Endpoint.unix(folder.resolve("s")), library, !client)) {
            Yamux session = dial(go.endpoint(), client, CONFIG);

            Payload small = new Payload(3, MIB);
            Recorder echo = open(session, "echo");
            CompletableFuture<Void> sent = send(echo, small);
            echo.awaitEnd();
            Waiting.result(sent);
            assertThat(echo.receivedSha256()).isEqualTo(small.sha256());

            Recorder digest = open(session, "digest");
            sent = send(digest, small);
            digest.awaitEnd();
            Waiting.result(sent);
            assertThat(text(digest)).isEqualTo(small.sha256() + " " + small.length() + "\n");

            assertThat(Waiting.result(session.ping())).isPositive();
            openMany(session, 1000);
            session.close();
            assertThat(Waiting.result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
            assertThat(go.finding()).containsEntry("event", "closed");
        }
    }

    private static String text(Recorder recorder) {
        return new String(recorder.receivedHead(), StandardCharsets.US_ASCII);
    }

    private static void openMany(Yamux session, int count) throws Exception {
        List<Recorder> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(open(session, "echo"));
        }
        for (Recorder stream : streams) {
            onLoop(stream, c -> c.write(ascii("sixteen bytes...")));
        }
        for (Recorder stream : streams) {
            stream.awaitReceived(16);
        }
        assertThat(Waiting.result(session.stats()).outboundStreams()).isGreaterThanOrEqualTo(count);
        for (Recorder stream : streams) {
            onLoop(stream, Connection::shutdownOutput);
            stream.awaitEnd();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hashicorp, true, 1024, 1024",
        "hashicorp, false, 64, 64",
        "libp2p, true, 64, 64",
        "libp2p, false, 1024, 1024",
        "hashicorp, true, 64, 0",
        "libp2p, true, 0, 64"
    })
    void shouldMoveBulkBothWays(String library, boolean client, long upMib, long downMib) throws Exception {
        try (GoPeer go = listening(Endpoint.tcp("127.0.0.1", 0), library, !client)) {
            Yamux session = dial(go.endpoint(), client, CONFIG);
            Payload up = new Payload(4, upMib * MIB);
            Bulk bulk = new Bulk(downMib * MIB);
            Recorder stream = new Recorder();
            stream.onReadable(bulk::read);
            stream.onAttached(c -> c.write(ascii("bulk " + up.length() + " " + downMib * MIB + "\n")));
            Waiting.result(session.openStream(stream));
            CompletableFuture<Void> sent = send(stream, up);
            String line = bulk.line.get(4, TimeUnit.MINUTES);
            Waiting.result(sent);

            assertThat(line).isEqualTo(bulk.sha256() + " " + up.sha256() + "\n");
            session.close();
        }
    }

    /** Digests so many bytes, and keeps the line behind them. Loop-confined, but for the line. */
    private static final class Bulk {
        final CompletableFuture<String> line = new CompletableFuture<>();
        private final MessageDigest digest = Transfers.newSha256();
        private final StringBuilder rest = new StringBuilder();
        private final ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        private long left;

        Bulk(long bytes) {
            left = bytes;
        }

        void read(Connection stream) throws TransportException {
            if (stream.read(piece.clear()) < 0) {
                line.complete(rest.toString());
                return;
            }
            piece.flip();
            int n = (int) Math.min(left, piece.remaining());
            digest.update(piece.slice(0, n));
            left -= n;
            rest.append(StandardCharsets.US_ASCII.decode(piece.position(n)));
        }

        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    @ParameterizedTest
    @CsvSource({"hashicorp, true", "hashicorp, false", "libp2p, true", "libp2p, false"})
    void shouldResetAndBeReset(String library, boolean client) throws Exception {
        try (GoPeer go = listening(Endpoint.tcp("127.0.0.1", 0), library, !client, "-close-timeout", "100ms")) {
            Yamux session = dial(go.endpoint(), client, CONFIG);
            Recorder ours = open(session, "await-reset");
            sendMoreThanFits(ours); // so that the first line was read, which a reset may overtake
            onLoop(ours, c -> c.abort(new TransportException(Reason.CANCELLED, "the test resets")));
            assertThat(go.finding()).containsEntry("read", "reset").containsEntry("write", "reset");

            Recorder theirs = open(session, "reset 5");
            CompletableFuture<Void> unsent = send(theirs, new Payload(6, 64 * MIB)); // more than fits: until the reset
            assertThat(theirs.awaitClosed())
                    .isInstanceOfSatisfying(
                            YamuxException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
            assertThat(unsent).isNotCompleted();

            assertThat(Waiting.result(session.ping())).isPositive(); // the session does not mind
            session.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"hashicorp, true", "hashicorp, false", "libp2p, true", "libp2p, false"})
    void shouldFinishStreamsWhenGoGoesAway(String library, boolean client) throws Exception {
        try (GoPeer go = listening(Endpoint.tcp("127.0.0.1", 0), library, !client)) {
            Yamux session = dial(go.endpoint(), client, CONFIG);
            Recorder before = open(session, "echo");
            Recorder asking = open(session, "goaway");
            asking.awaitEnd();
            assertThat(text(asking)).isEqualTo("going\n");

            CompletableFuture<TransportException> refused = new CompletableFuture<>();
            session.openStream(new Recorder()).whenComplete((stream, e) -> refused.complete((TransportException) e));
            assertThat(Waiting.result(refused).reason()).isEqualTo(Reason.SHUTDOWN);
            onLoop(before, c -> c.write(ascii("still here")));
            before.awaitReceived(10);
            onLoop(asking, Connection::close);
            onLoop(before, Connection::close);
            assertThat(Waiting.result(session.ended()).reason()).isEqualTo(Reason.CLOSED);
        }
    }

    @ParameterizedTest
    @CsvSource({"hashicorp, true, 0", "hashicorp, false, 0", "libp2p, true, 42", "libp2p, false, 42"})
    void shouldTellWhyGoClosed(String library, boolean client, long code) throws Exception {
        try (GoPeer go = listening(Endpoint.tcp("127.0.0.1", 0), library, !client)) {
            Yamux session = dial(go.endpoint(), client, CONFIG);
            Recorder live = open(session, "echo");
            open(session, "close " + code);

            TransportException cause = live.awaitClosed();
            if (code > 0) {
                assertThat(cause)
                        .isInstanceOfSatisfying(
                                YamuxException.class, e -> assertThat(e.code()).isEqualTo(code));
            } else {
                assertThat(cause.reason()).isEqualTo(Reason.TRUNCATED);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"hashicorp, true", "hashicorp, false", "libp2p, true", "libp2p, false"})
    void shouldNoticeThatGoFellSilent(String library, boolean client) throws Exception {
        YamuxConfig impatient = YamuxConfig.builder()
                .keepAliveInterval(Duration.ofMillis(50))
                .keepAliveTimeout(Duration.ofMillis(500))
                .build();
        try (GoPeer go = listening(Endpoint.tcp("127.0.0.1", 0), library, !client)) {
            Yamux session = dial(go.endpoint(), client, impatient);
            open(session, "freeze");

            assertThat(Waiting.result(session.ended()).reason()).isEqualTo(Reason.TIMEOUT);
        }
    }

    // ---------------------------------------------------------------- Go opens

    @ParameterizedTest
    @CsvSource({
        "hashicorp, true, 64000000",
        "hashicorp, false, 1073741824",
        "libp2p, true, 1073741824",
        "libp2p, false, 64000000"
    })
    void shouldAcceptStreamsOfGo(String library, boolean client, long bulk) throws Exception {
        CompletableFuture<Yamux> session = new CompletableFuture<>();
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), c -> starter(client, CONFIG, session));
                GoPeer go = GoPeers.start(
                        "yamux",
                        "-dial",
                        listener.endpoint().toString(),
                        "-library",
                        library,
                        "-role",
                        client ? "server" : "client",
                        "-keep-alive",
                        "100ms",
                        "echo 0",
                        "echo 1000000",
                        "digest 0",
                        "digest 1000000",
                        "bulk " + bulk + " " + bulk,
                        "streams 1000",
                        "ping 3",
                        "idle 300ms")) {
            assertThat(go.findings()).hasSize(8);
            assertThat(Waiting.result(Waiting.result(session).ended())).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashicorp", "libp2p"})
    void shouldResetStreamsOfGo(String library) throws Exception {
        CompletableFuture<Yamux> session = new CompletableFuture<>();
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), c -> starter(false, CONFIG, session));
                GoPeer go = GoPeers.start(
                        "yamux",
                        "-dial",
                        listener.endpoint().toString(),
                        "-library",
                        library,
                        "-close-timeout",
                        "100ms",
                        "reset 100000",
                        "await-reset 100000")) {
            assertThat(go.findings()).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hashicorp, goaway, session, drains",
        "libp2p, goaway, session, ended",
        "hashicorp, close 0, read, end",
        "libp2p, close 0, read, reset",
        "hashicorp, freeze, scenario, freeze",
        "libp2p, freeze, scenario, freeze"
    })
    void shouldEndTheSessionAsGoAsks(String library, String scenario, String key, String found) throws Exception {
        YamuxConfig config = YamuxConfig.builder().goAwayFirst(true).build();
        CompletableFuture<Yamux> session = new CompletableFuture<>();
        CountDownLatch frozen = new CountDownLatch(1);
        ConnectionHandler starter = new Recorder()
                .onAttached(c -> session.complete(Yamux.server(
                        c,
                        config,
                        stream -> new ScenarioAcceptor((line, view) -> {
                            end(session.join(), line, view, frozen);
                        }))));
        try (Listener listener = group.listen(Endpoint.tcp("127.0.0.1", 0), c -> starter);
                GoPeer go = GoPeers.start(
                        "yamux",
                        "-dial",
                        listener.endpoint().toString(),
                        "-library",
                        library,
                        "-keep-alive",
                        "200ms",
                        "-write-timeout",
                        "1s",
                        scenario)) {
            assertThat(go.findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding).containsEntry(key, found));
        } finally {
            frozen.countDown();
        }
    }

    private static void end(Yamux session, String line, ByteStream stream, CountDownLatch frozen) throws IOException {
        switch (line) {
            case "goaway" -> {
                session.shutdown();
                ScenarioAcceptor.lastLine(stream, "going");
                stream.close();
            }
            case "close 0" -> session.close();
            case "freeze" ->
                session.connection().loop().execute(() -> {
                    try {
                        frozen.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            default -> throw new IOException("unknown scenario " + line);
        }
    }

    /** What Go's scenarios other than the echo ask for. */
    private static void perform(String line, ByteStream stream) throws IOException {
        List<String> words = List.of(line.split(" ", -1));
        switch (words.get(0)) {
            case "digest" -> {
                ScenarioAcceptor.lastLine(stream, Transfers.digest(stream));
                stream.close();
            }
            case "bulk" -> answerBulk(stream, Long.parseLong(words.get(2)));
            case "reset" -> {
                stream.inputStream().readNBytes(Integer.parseInt(words.get(1)));
                stream.abort();
            }
            case "await-reset" -> {
                stream.inputStream().readAllBytes();
                for (ByteBuffer piece = ByteBuffer.allocate(1000); ; piece.clear()) {
                    stream.write(piece); // until that fails
                }
            }
            default -> throw new IOException("unknown scenario " + line);
        }
    }

    private static void answerBulk(ByteStream stream, long down) throws IOException {
        Payload payload = new Payload(5, down);
        CompletableFuture<String> received = Transfers.beside(() -> Transfers.digest(stream));
        Transfers.send(stream, payload);
        ScenarioAcceptor.lastLine(
                stream, payload.sha256() + " " + received.join().split(" ", -1)[0]);
        stream.close();
    }
}
