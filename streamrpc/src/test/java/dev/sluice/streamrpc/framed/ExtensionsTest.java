package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What both sides do once they have announced the extensions. */
class ExtensionsTest extends FramedFixture {
    private static final String GREETING =
            Wire.hex("framedrpc010000000052 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0000\n");
    private static final String HEARTBEAT = "100100000000";
    private static final String END = "030100000000";
    private static final int MIB_4 = 4 << 20;
    private static final String GET = message(1, request("Get", 3, 4));

    private static void assertNext(Wire wire, String hex) throws IOException {
        assertThat(wire.read(hex.length() / 2)).isEqualTo(hex);
    }

    private Wire greeted(SluiceServer server) throws IOException {
        Wire wire = wire(server).send(GREETING);
        assertNext(wire, GREETING);
        return wire;
    }

    @Test
    void shouldAnswerTheBannerAndCallsWhenBytesComeOneByOne() throws Exception {
        Wire wire = wire(serve(endpoints()));
        String all = GREETING + HEARTBEAT + ECHO + HEARTBEAT + ECHO_BODY + CLOSE;
        for (int i = 0; i < all.length(); i += 2) {
            wire.send(all.substring(i, i + 2));
        }
        assertThat(wire.readToEnd()).isEqualTo(GREETING + ECHO_ANSWER + CLOSE_ANSWER + RESET);
    }

    @Test
    void shouldSayItsVersionAndEndWhenTheClientHasAnother() throws Exception {
        Wire wire = wire(serve(endpoints())).send(GREETING.replace(Wire.hex("=0001"), Wire.hex("=0002")));
        assertThat(wire.readToEnd()).isEqualTo(GREETING + RESET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"framedrpc01GET / HTTP/1.1", "framedrpc019999999999 ", "framedrpc010000000004 GET\n"})
    void shouldEndWhenThereIsNoBanner(String text) throws Exception {
        Wire wire = wire(serve(endpoints())).send(Wire.hex(text));
        assertThat(wire.readToEnd()).isIn(RESET, RESET + Wire.RESET);
    }

    @Test
    void shouldEndOctetsByATrailerWhenTheyAreComplete() throws Exception {
        Wire wire =
                greeted(serve(endpoints().add("Get", Pair.class, Octets.class, pair -> Octets.of(new byte[] {'a'}))));
        wire.send(GET + ECHO_BODY);
        assertNext(wire, message(1, answer(4)) + "02000100000061" + END);
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
    }

    /** Defect 14. */
    @Test
    void shouldSayWhyAndGoOnWhenOctetsFail() throws Exception {
        SluiceServer server =
                serve(endpoints().add("Get", Pair.class, Octets.class, pair -> Octets.of(new FailingStream())));
        FramedClient client = client(server.endpoints().get(0), false);
        for (int i = 0; i < 3; i++) {
            try (Octets octets = client.call("Get", new Pair("", i), Octets.class)) {
                InputStream stream = octets.inputStream();
                assertThat(stream.readNBytes(2)).containsExactly('a', 'b');
                for (int again = 0; again < 2; again++) {
                    assertThatThrownBy(stream::read)
                            .isInstanceOf(CallFailedException.class)
                            .hasMessage("StatusError: disk on fire");
                }
            }
        }
        assertThat(server.stats().accepted()).isEqualTo(1);
    }

    @Test
    void shouldSayWhyAndGoOnWhenAFileIsShorterThanAnnounced() throws Exception {
        Path file = Files.write(directory.resolve("short"), random(100_000));
        SluiceServer server = serve(endpoints()
                .add(
                        "Get",
                        Pair.class,
                        Octets.class,
                        pair -> Octets.of(FileChannel.open(file, StandardOpenOption.READ), 0, 300_000)));
        FramedClient client = client(server.endpoints().get(0), false);
        try (Octets octets = client.call("Get", new Pair("", 1), Octets.class)) {
            assertThatThrownBy(() -> octets.inputStream().readAllBytes())
                    .isInstanceOf(CallFailedException.class)
                    .hasMessageContaining("the file ends at byte 100000");
        }
        assertThat(client.call("Echo", new Pair("a", 1), Pair.class)).isEqualTo(new Pair("a", 1));
        assertThat(server.stats().accepted()).isEqualTo(1);
        FramedClient plain = client(server.endpoints().get(0), true);
        try (Octets octets = plain.call("Get", new Pair("", 1), Octets.class)) {
            assertThatThrownBy(() -> octets.inputStream().readAllBytes()).isInstanceOf(TransportException.class);
        }
    }

    @Test
    void shouldTellTheHandlerWhenTheClientsOctetsFail() throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        SluiceServer server = serve(endpoints().add("Put", Octets.class, Integer.class, octets -> {
            try {
                return octets.inputStream().readAllBytes().length;
            } catch (IOException e) {
                seen.complete(e);
                throw e;
            }
        }));
        FramedClient client = client(server.endpoints().get(0), false);
        assertThatThrownBy(() -> client.call("Put", Octets.of(new FailingStream()), Integer.class))
                .hasMessage("the octets failed: disk on fire");
        assertThat(seen.get(20, TimeUnit.SECONDS))
                .isInstanceOf(CallFailedException.class)
                .hasMessage("StatusError: disk on fire");
    }

    @Test
    void shouldStopSendingAndGoOnWhenTheServerHasAnsweredAlready() throws Exception {
        SluiceServer server = serve(
                endpoints()
                        .add(
                                "Put",
                                Octets.class,
                                Integer.class,
                                octets -> octets.inputStream().read()),
                Endpoint.tcp("127.0.0.1", 0),
                s -> s.limits(new FramedLimits(1000, 1000, Long.MAX_VALUE, Long.MAX_VALUE)));
        FramedClient client = client(server.endpoints().get(0), false);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 7;
            }

            @Override
            public void close() {
                closed.complete(null);
            }
        };
        assertThat(client.call("Put", Octets.of(endless), Integer.class)).isEqualTo(7);
        closed.get(20, TimeUnit.SECONDS);
        assertThat(client.call("Echo", new Pair("a", 1), Pair.class)).isEqualTo(new Pair("a", 1));
    }

    @Test
    void shouldRefuseOctetsWhenTheyAreMoreThanTheLimit() throws Exception {
        SluiceServer server = serve(
                endpoints()
                        .add(
                                "Put",
                                Octets.class,
                                Integer.class,
                                octets -> octets.inputStream().readAllBytes().length),
                Endpoint.tcp("127.0.0.1", 0),
                s -> s.limits(new FramedLimits(1000, 1000, 1000, 1 << 20)));
        FramedClient client = client(server.endpoints().get(0), false);
        assertThat(client.call("Put", Octets.of(random(1000)), Integer.class)).isEqualTo(1000);
        assertThatThrownBy(() -> client.call("Put", Octets.of(random(1001)), Integer.class))
                .isInstanceOf(CallFailedException.class)
                .hasMessageContaining("the octets have more than 1000 bytes (FramedLimits.octetBytes)");
        assertThat(client.call("Echo", new Pair("a", 1), Pair.class)).isEqualTo(new Pair("a", 1));
    }

    @Test
    void shouldSayThatItIsThereWhenItHasNothingElseToSay() throws Exception {
        Wire wire = greeted(serve(endpoints()));
        wire.send(HEARTBEAT);
        pass(Duration.ofSeconds(9));
        assertNext(wire, HEARTBEAT);
        wire.send(HEARTBEAT + ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
    }

    /** Has a thread for the connection, and no other. */
    private static UnaryOperator<FramedServer.Builder> withOneThread() {
        AtomicBoolean taken = new AtomicBoolean();
        return server -> server.executor(task -> {
            if (!taken.compareAndSet(false, true)) {
                throw new RejectedExecutionException("all threads are in use");
            }
            THREADS.execute(task);
        });
    }

    @Test
    void shouldSayThatItIsThereWhenAllThreadsAreInUse() throws Exception {
        Wire wire = greeted(serve(endpoints(), Endpoint.tcp("127.0.0.1", 0), withOneThread()));
        pass(Duration.ofSeconds(9));
        assertNext(wire, HEARTBEAT);
        wire.send(HEARTBEAT + ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
    }

    @Test
    void shouldKeepAClientWhenItSaysThatItIsThere() throws Exception {
        Wire wire = greeted(serve(endpoints()));
        for (int i = 0; i < 10; i++) {
            wire.send(HEARTBEAT);
            await().until(() -> group.loops().get(0).connectionCount()
                            + group.loops().get(1).connectionCount()
                    == 1);
            pass(Duration.ofSeconds(4));
        }
        wire.send(ECHO + ECHO_BODY + CLOSE);
        assertThat(wire.readToEnd().replace(HEARTBEAT, "")).isEqualTo(ECHO_ANSWER + CLOSE_ANSWER + RESET);
    }

    @Test
    void shouldCutAClientWhenItIsSilent() throws Exception {
        Wire wire = greeted(serve(endpoints()));
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        await().until(() -> {
            pass(Duration.ofSeconds(12));
            return group.loops().stream()
                            .mapToInt(loop -> loop.connectionCount())
                            .sum()
                    == 0;
        });
        assertThat(wire.readToEnd().replace(HEARTBEAT, "")).isIn("", Wire.RESET);
    }

    /** The handler takes its time, and the server says that it is there meanwhile. */
    @Test
    void shouldWaitForAnAnswerWhenTheServerIsThere() throws Exception {
        CompletableFuture<Void> called = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        SluiceServer server = serve(endpoints().add("Slow", Pair.class, Pair.class, pair -> {
            called.complete(null);
            goOn.get(20, TimeUnit.SECONDS);
            return pair;
        }));
        FramedClient client = client(server.endpoints().get(0), false);
        CompletableFuture<Pair> answer = new CompletableFuture<>();
        THREADS.execute(() -> {
            try {
                answer.complete(client.call("Slow", new Pair("a", 1), Pair.class));
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        called.get(20, TimeUnit.SECONDS);
        for (int i = 0; i < 5; i++) {
            long said = bytesOut(server);
            await().until(() -> {
                pass(Duration.ofSeconds(1));
                return bytesOut(server) > said;
            });
        }
        goOn.complete(null);
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(new Pair("a", 1));
    }

    /** Of heartbeats, for nothing else is said. */
    private static long bytesOut(SluiceServer server) {
        return server.wires().get("tcp").byProtocol().get("framedrpc").bytesOut();
    }

    private static long bytesIn(SluiceServer server) {
        return server.wires().get("tcp").byProtocol().get("framedrpc").bytesIn();
    }

    /** A connection to a server whose answer does not fit into it. */
    private Wire stalled(SluiceServer server) throws IOException {
        Wire wire = keep(Wire.connect(server.endpoints().get(0), 64 << 10)).send(GREETING);
        assertNext(wire, GREETING);
        wire.send(GET + ECHO_BODY);
        assertNext(wire, message(1, answer(4)));
        return wire;
    }

    private SluiceServer serveMuch() throws IOException {
        return serve(
                endpoints().add("Get", Pair.class, Octets.class, pair -> Octets.of(new byte[4 * MIB_4])),
                Endpoint.tcp("127.0.0.1", 0),
                withOneThread());
    }

    @Test
    void shouldWaitForASlowReaderWhenItSaysThatItIsThere() throws Exception {
        SluiceServer server = serveMuch();
        Wire wire = stalled(server);
        for (int i = 0; i < 20; i++) {
            long heard = bytesIn(server);
            wire.send(HEARTBEAT);
            await().until(() -> {
                pass(Duration.ofSeconds(1));
                return bytesIn(server) > heard;
            });
            pass(Duration.ofSeconds(2));
        }
        for (int frame = 0; frame < 4; frame++) {
            assertNext(wire, "020000004000");
            assertThat(wire.read(MIB_4)).matches("0+").hasSize(2 * MIB_4);
        }
        assertNext(wire, END);
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
    }

    @Test
    void shouldCutASlowReaderWhenItIsSilent() throws Exception {
        SluiceServer server = serveMuch();
        Wire wire = stalled(server);
        await().until(() -> {
            pass(Duration.ofSeconds(12));
            return server.stats().open() == 0;
        });
        assertThat(wire.readToEnd()).hasSizeLessThan(8 * MIB_4);
    }

    /** Calls on a thread of its own; what is thrown counts as an answer. */
    private static CompletableFuture<Object> echoOrFailure(FramedClient client) {
        CompletableFuture<Object> call = new CompletableFuture<>();
        THREADS.execute(() -> {
            try {
                call.complete(client.call("Echo", new Pair("a", 1), Pair.class));
            } catch (IOException | RuntimeException e) {
                call.complete(e);
            }
        });
        return call;
    }

    private void assertTimesOut(CompletableFuture<Object> call, String setting) throws Exception {
        await().until(() -> {
            pass(Duration.ofSeconds(12));
            return call.isDone();
        });
        assertThat(call.get())
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
                .asString()
                .contains(setting);
    }

    @Test
    void shouldGiveUpWhenTheServerIsSilent() throws Exception {
        try (ServerSocket listener = Wire.listen()) {
            FramedClient client = client(Wire.endpointOf(listener), false);
            CompletableFuture<Object> call = echoOrFailure(client);
            Wire wire = keep(Wire.accept(listener));
            assertNext(wire, GREETING);
            wire.send(GREETING);
            wire.read(ECHO.length() / 2);
            assertTimesOut(call, "FramedClient.Builder.idleTimeout");
        }
    }

    @Test
    void shouldSayWhatTheServerSpeaksWhenItIsSomethingElse() throws Exception {
        try (ServerSocket listener = Wire.listen()) {
            FramedClient client = client(Wire.endpointOf(listener), false);
            THREADS.execute(() -> {
                try (Wire wire = Wire.accept(listener)) {
                    wire.send(Wire.hex("HTTP/1.1 400 Bad Request"));
                    wire.readToEnd();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThatThrownBy(() -> client.call("Echo", new Pair("a", 1), Pair.class))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR))
                    .hasMessageContaining("the peer speaks something else")
                    .hasMessageContaining("needs FramedClient.Builder.plain()");
        }
    }

    /** One that is full does so, and one that speaks no extensions. */
    @Test
    void shouldSayWhatMayBeMeantWhenTheServerAnswersTheGreetingByAReset() throws Exception {
        SluiceServer server = SluiceServer.builder()
                .group(group)
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .protocol(FramedRpc.servePlain(endpoints().build()))
                .start();
        keep(server);
        FramedClient client = client(server.endpoints().get(0), false);
        assertThatThrownBy(() -> client.call("Echo", new Pair("a", 1), Pair.class))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RESET))
                .hasMessageContaining("the peer gave up")
                .hasMessageContaining("needs FramedClient.Builder.plain()");
    }

    @Test
    void shouldGiveUpWhenTheBannerDoesNotCome() throws Exception {
        try (ServerSocket listener = Wire.listen()) {
            FramedClient client = client(
                    Wire.endpointOf(listener), c -> c.idleTimeout(Duration.ZERO).connectTimeout(Duration.ofSeconds(3)));
            CompletableFuture<Object> call = echoOrFailure(client);
            Wire wire = keep(Wire.accept(listener));
            assertNext(wire, GREETING);
            wire.send(GREETING.substring(0, 40));
            assertTimesOut(call, "FramedClient.Builder.connectTimeout");
        }
    }

    @Test
    void shouldSayWhichSettingHelpsWhenNoThreadCanSendOctets() throws Exception {
        SluiceServer server = serve(endpoints());
        FramedClient client = client(
                server.endpoints().get(0),
                c -> c.executor(task -> {
                    throw new RejectedExecutionException("all threads are in use");
                }));
        assertThatThrownBy(() -> client.call("Put", Octets.of(random(10)), Integer.class))
                .hasMessage("call of Put: no thread to send the octets (FramedClient.Builder.executor)");
    }
}
