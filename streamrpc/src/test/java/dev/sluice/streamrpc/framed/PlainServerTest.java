package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.streamrpc.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server without extensions, byte by byte: the examples of the protocol, and clients that break it. Where a test of this package is about a
 * defect of the first implementation, it says "Defect", and the number that it has in this order: types of frames are not checked, refused bodies are not
 * read, documents are not read to their end, a surplus frame behind long headers, headers are cut off too late, limits of 32 bits, enums without
 * names, failures of writing are lost, no timeouts, programming errors end the process, the client's types are trusted, answers are not checked, small
 * writes, octets that end without a reason.
 */
class PlainServerTest extends FramedFixture {
    private static final int HEADER_BYTES = 6;

    /** Sends what comes back. */
    private static Endpoints.Builder all() {
        return endpoints()
                .add(
                        "Get",
                        Pair.class,
                        Octets.class,
                        pair -> Octets.of(pair.a().repeat(pair.n()).getBytes(StandardCharsets.UTF_8)))
                .add(
                        "Put",
                        Octets.class,
                        Integer.class,
                        octets -> octets.inputStream().readAllBytes().length)
                .add("Ignore", Octets.class, String.class, octets -> "ignored")
                .add("Fail", Pair.class, Pair.class, pair -> {
                    throw new IOException(pair.a());
                })
                .add("FailOctets", Octets.class, Pair.class, octets -> {
                    throw new IllegalStateException("no room");
                });
    }

    private Wire connect() throws IOException {
        return wire(serve(all()));
    }

    private static void assertNext(Wire wire, String hex) throws IOException {
        assertThat(wire.read(hex.length() / 2)).isEqualTo(hex);
    }

    /** The next call gets its own answer, and the connection ends as it should. */
    private static void assertGoesOn(Wire wire) throws IOException {
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        assertCloses(wire);
    }

    private static void assertCloses(Wire wire) throws IOException {
        wire.send(CLOSE);
        assertThat(wire.readToEnd()).isEqualTo(CLOSE_ANSWER + RESET);
    }

    private static void assertEnded(Wire wire) throws IOException {
        assertThat(wire.readToEnd()).isIn(RESET, RESET + Wire.RESET);
    }

    @Test
    void shouldAnswerTheBytesOfTheProtocolWhenAskedByThem() throws Exception {
        assertThat(ECHO)
                .isEqualTo("010148000000"
                        + "7b22456e64706f696e74223a224563686f222c224461746154797065223a332c22416363657074223a332c224572726f"
                        + "72223a302c224572726f724d657373616765223a22227d0a");
        assertThat(ECHO_BODY).isEqualTo("0201110000007b2241223a226869222c224e223a377d0a");
        assertGoesOn(connect().send(""));
    }

    @Test
    void shouldAnswerWhenBytesComeOneByOne() throws Exception {
        Wire wire = connect();
        byte[] bytes = HexFormat.of().parseHex(ECHO + ECHO_BODY + CLOSE);
        for (byte b : bytes) {
            wire.send(HexFormat.of().toHexDigits(b));
        }
        assertThat(wire.readToEnd()).isEqualTo(ECHO_ANSWER + CLOSE_ANSWER + RESET);
    }

    @Test
    void shouldAnswerManyCallsWhenTheyComeInOnePiece() throws Exception {
        Wire wire = connect();
        wire.send((ECHO + ECHO_BODY).repeat(50) + CLOSE);
        assertThat(wire.readToEnd()).isEqualTo(ECHO_ANSWER.repeat(50) + CLOSE_ANSWER + RESET);
    }

    @Test
    void shouldSendOctetsInOneFrameWhenTheyAreFew() throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Get", 3, 4)) + message(2, "{\"A\":\"ab\",\"N\":3}\n"));
        assertNext(wire, message(1, answer(4)) + message(2, "ababab"));
        assertGoesOn(wire);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 020100000000",
        "4194303, 0201ffff3f00",
        "4194304, 020000004000",
        "4194305, 020000004000",
    })
    void shouldCutOctetsIntoTheFramesOfTheProtocol(int length, String head) throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Get", 3, 4)) + message(2, "{\"A\":\"a\",\"N\":" + length + "}\n"));
        assertNext(wire, message(1, answer(4)) + head);
        int first = Math.min(length, 4 << 20);
        assertThat(wire.read(first)).isEqualTo("61".repeat(first));
        if (length >= 4 << 20) {
            assertNext(wire, length == 4 << 20 ? "020100000000" : message(2, "a"));
        }
        assertGoesOn(wire);
    }

    @ParameterizedTest
    @CsvSource({
        "020100000000, 0",
        "020103000000616263, 3",
        "02000100000061_020102000000_6263, 3",
        "02ff0100000061, 1",
        "02000100000061_020100000000, 1"
    })
    void shouldTakeOctetsWhenTheyComeInAnyFrames(String frames, int length) throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Put", 4, 3)) + frames.replace("_", ""));
        assertNext(wire, message(1, answer(3)) + message(2, length + "\n"));
        assertGoesOn(wire);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("Foo", 3, 3, 2, "unregistered endpoint Foo"),
                Arguments.of("Foo", 4, 3, 2, "unregistered endpoint Foo"),
                Arguments.of("", 3, 3, 2, "unregistered endpoint "),
                Arguments.of(
                        "Echo",
                        4,
                        3,
                        2,
                        "wrong DataType for endpoint Echo (has DataTypeMarshaledJSON, you provided DataTypeOctets)"),
                Arguments.of(
                        "Echo",
                        3,
                        4,
                        2,
                        "wrong Accept for endpoint Echo (has DataTypeMarshaledJSON, you provided DataTypeOctets)"),
                Arguments.of(
                        "Put",
                        4,
                        200,
                        2,
                        "wrong Accept for endpoint Put (has DataTypeMarshaledJSON, you provided" + " DataType(200))"));
    }

    /** Defects 2, 7 and 11: the body of a refused call is read, so that the next answer is the next call's. */
    @ParameterizedTest
    @MethodSource("refusals")
    void shouldGoOnWhenACallIsRefused(String endpoint, int dataType, int accept, int status, String text)
            throws Exception {
        Wire wire = connect();
        wire.send(
                message(1, request(endpoint, dataType, accept)) + frame(2, false, random(100_000)) + message(2, "{}"));
        assertNext(wire, error(status, text));
        assertGoesOn(wire);
    }

    @Test
    void shouldRefuseAControlRequestWhenItIsNotToClose() throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Ping", 2, 2)));
        assertNext(wire, error(2, "unregistered control endpoint Ping"));
        assertGoesOn(wire);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 255})
    void shouldEndWhenNobodyKnowsWhatFollowsARefusedCall(int dataType) throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Foo", dataType, 3)));
        assertNext(wire, error(2, "unregistered endpoint Foo"));
        assertEnded(wire);
    }

    @Test
    void shouldGoOnWhenAHandlerReadsNothingOfItsOctets() throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Ignore", 4, 3)) + frame(2, false, random(300_000)) + frame(2, true, random(1)));
        assertNext(wire, message(1, answer(3)) + message(2, "\"ignored\"\n"));
        assertGoesOn(wire);
    }

    @Test
    void shouldEndWhenMoreIsUnwantedThanItReadsForTheNextCall() throws Exception {
        FramedLimits limits = new FramedLimits(100, 100, Long.MAX_VALUE, 1000);
        Wire wire = wire(serve(all(), Endpoint.tcp("127.0.0.1", 0), s -> s.limits(limits)));
        wire.send(message(1, request("Foo", 4, 3)) + frame(2, true, random(1000)));
        assertNext(wire, error(2, "unregistered endpoint Foo"));
        wire.send(message(1, request("Foo", 4, 3)) + frame(2, true, random(1001)));
        assertNext(wire, error(2, "unregistered endpoint Foo"));
        assertEnded(wire);
    }

    /** Defect 3: line feeds, and frames that only end a message, belong to it wherever they come. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0201100000007b2241223a226869222c224e223a377d",
                "0200100000007b2241223a226869222c224e223a377d_0201010000000a",
                "0200110000007b2241223a226869222c224e223a377d0a_020100000000",
                "0201130000000a207b2241223a226869222c224e223a377d20"
            })
    void shouldReadAllOfAJsonBodyWhateverEndsIt(String body) throws Exception {
        Wire wire = connect();
        wire.send(ECHO + body.replace("_", ""));
        assertNext(wire, ECHO_ANSWER);
        assertGoesOn(wire);
    }

    /** Defect 3 again: a document that ends exactly where a reader's buffer of some size does. */
    @Test
    void shouldReadAllOfAJsonBodyWhateverItsLength() throws Exception {
        Wire wire = connect();
        for (int length : new int[] {512, 1024, 4096, 8192, 16384, 32768, 65536}) {
            String json = "{\"A\":\"" + "x".repeat(length - 15) + "\",\"N\":7}";
            assertThat(json).hasSize(length - 1);
            wire.send(ECHO + message(2, json + "\n"));
            assertNext(wire, message(1, answer(3)) + message(2, json.toLowerCase(Locale.ROOT) + "\n"));
        }
        assertCloses(wire);
    }

    static Stream<Arguments> undecodable() {
        return Stream.of(
                Arguments.of("{\"A\":\"hi\",\"N\":"),
                Arguments.of(""),
                Arguments.of("null"),
                Arguments.of("{\"A\":{}}"),
                Arguments.of("[1,2]"),
                Arguments.of("{}{}"));
    }

    @ParameterizedTest
    @MethodSource("undecodable")
    void shouldRefuseABodyWhenItCannotBeDecoded(String json) throws Exception {
        Wire wire = connect();
        wire.send(ECHO + message(2, json));
        assertThat(readHeader(wire)).contains("\"Error\":2").contains("cannot decode marshaled JSON: ");
        assertGoesOn(wire);
    }

    private static String readHeader(Wire wire) throws IOException {
        byte[] head = HexFormat.of().parseHex(wire.read(HEADER_BYTES));
        int length = (head[2] & 0xff) | (head[3] & 0xff) << 8;
        return new String(HexFormat.of().parseHex(wire.read(length)), StandardCharsets.UTF_8);
    }

    @Test
    void shouldRefuseABodyWhenItIsTooLarge() throws Exception {
        FramedLimits limits = new FramedLimits(100, 100, Long.MAX_VALUE, 1000);
        Wire wire = wire(serve(all(), Endpoint.tcp("127.0.0.1", 0), s -> s.limits(limits)));
        wire.send(ECHO + frame(2, false, random(100)) + frame(2, true, random(100)));
        assertNext(wire, error(2, "cannot decode marshaled JSON: it has more than 100 bytes"));
        assertGoesOn(wire);
    }

    @Test
    void shouldResetWhenRequestsThatAreNotCompleteWouldHoldTooMuch() throws Exception {
        SluiceServer server = serve(all(), Endpoint.tcp("127.0.0.1", 0), s -> s.maxRequestMemory(1 << 20));
        String call = message(1, request("Fail", 3, 3))
                + message(2, "{\"A\":\"" + "x".repeat((1 << 20) - 14) + "\",\"N\":7}");
        int enough = call.length() / 5 * 3 / 2 * 2; // room grows twofold, so there is room for all of it by then
        Wire first = wire(server).send(call.substring(0, enough));
        await().until(() ->
                wire(server).send(ECHO + ECHO_BODY).end().readToEnd().startsWith(RESET)); // the first has come

        first.send(call.substring(enough));

        assertThat(readHeader(first)).contains("\"Error\":4").contains("xxx...");
        assertGoesOn(first);
    }

    @Test
    void shouldHoldNothingForARequestWhenItsClientHasEnded() throws Exception {
        SluiceServer server = serve(all(), Endpoint.tcp("127.0.0.1", 0), s -> s.maxRequestMemory(1 << 20));
        String half = ECHO + frame(2, true, random(1 << 20)).substring(0, 6 << 18);

        for (int i = 0; i < 3; i++) {
            assertThat(wire(server).send(half).end().readToEnd()).isEqualTo(RESET);
        }

        assertGoesOn(wire(server).send(""));
    }

    @Test
    void shouldSayWhyWhenAHandlerFails() throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Fail", 3, 3)) + ECHO_BODY);
        assertNext(wire, error(4, "hi"));
        wire.send(message(1, request("FailOctets", 4, 3)) + frame(2, true, random(200_000)));
        assertNext(wire, error(4, "no room"));
        assertGoesOn(wire);
    }

    /** Defect 5: a long text is cut before anything of the header is written. */
    @Test
    void shouldCutTheTextWhenAHandlerSaysTooMuch() throws Exception {
        Wire wire = connect();
        wire.send(message(1, request("Fail", 3, 3)) + message(2, "{\"A\":\"" + "x".repeat(5000) + "\"}"));
        assertThat(readHeader(wire)).hasSizeLessThanOrEqualTo(4096).contains("xxx...\"}");
        assertGoesOn(wire);
    }

    @Test
    void shouldSayWhyWhenAnAnswerCannotBeWritten() throws Exception {
        FramedLimits limits = new FramedLimits(1000, 30, Long.MAX_VALUE, 1000);
        Wire wire = wire(serve(
                all().add("Nothing", Pair.class, Octets.class, pair -> null),
                Endpoint.tcp("127.0.0.1", 0),
                s -> s.limits(limits)));
        wire.send(ECHO + message(2, "{\"A\":\"" + "x".repeat(30) + "\"}"));
        assertNext(wire, error(3, "cannot marshal response: it has more than 30 bytes"));
        wire.send(message(1, request("Nothing", 3, 4)) + ECHO_BODY);
        assertNext(wire, error(3, "cannot marshal response: the handler returned no octets"));
        assertGoesOn(wire);
    }

    /** Defect 10, of a handler: what it returns cannot be written, or it fails as nothing should. */
    @Test
    void shouldGoOnWhenAHandlerIsWrong() throws Exception {
        Wire wire = wire(serve(endpoints()
                .add("Broken", Pair.class, Unwritable.class, pair -> new Unwritable())
                .add("Error", Pair.class, Pair.class, pair -> {
                    throw new AssertionError("never");
                })));
        wire.send(message(1, request("Broken", 3, 3)) + ECHO_BODY);
        assertThat(readHeader(wire)).contains("\"Error\":3").contains("cannot marshal response: Direct self-reference");
        wire.send(message(1, request("Error", 3, 3)) + ECHO_BODY);
        assertNext(wire, error(4, "never"));
        assertGoesOn(wire);
    }

    /** Defect 4: the frame that zrepl sends behind a header of exactly the limit belongs to nothing. */
    @Test
    void shouldGoOnWhenAHeaderIsAsLongAsItMayBeAndASurplusFrameFollows() throws Exception {
        Wire wire = connect();
        String name = "x".repeat(4096 - request("", 3, 3).length());
        wire.send(message(1, request(name, 3, 3)) + "010100000000" + ECHO_BODY);
        assertThat(readHeader(wire)).contains("unregistered endpoint xxx");
        assertGoesOn(wire);
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("a header over 4096 bytes", message(1, request("x".repeat(4096), 3, 3))),
                Arguments.of(
                        "a header in many frames that is too long",
                        frame(1, false, random(4000)) + frame(1, true, random(97))),
                Arguments.of("an oversized frame", "010101004000"),
                Arguments.of("an unknown type: defect 1", "7701020000007b7d"),
                Arguments.of("data in place of a header", message(2, "{}")),
                Arguments.of("a heartbeat, which is an extension", "100100000000"),
                Arguments.of("truncated JSON", message(1, "{\"Endpoint\":\"Echo\",\"Data")),
                Arguments.of("no JSON", message(1, "GET / HTTP/1.1\r\n")),
                Arguments.of("an empty header", message(1, "")),
                Arguments.of("a reset", RESET),
                Arguments.of("a reset with a length", "ff01ffffffff"),
                Arguments.of("a header in place of the body", ECHO + ECHO),
                Arguments.of("an oversized frame in a body", ECHO + "020101004000"),
                Arguments.of("a reset in mid-body", ECHO + "0200010000007b" + RESET),
                Arguments.of("empty frames without end", ECHO + "020000000000".repeat(1025)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void shouldEndWithoutAnAnswerWhenTheProtocolIsBroken(String what, String hex) throws Exception {
        assertEnded(connect().send(hex));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void shouldEndWhenTheProtocolIsBrokenAfterAGoodCall(String what, String hex) throws Exception {
        Wire wire = connect().send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        assertEnded(wire.send(hex));
    }

    @Test
    void shouldEndWhenTheClientEndsInTheMiddle() throws Exception {
        String call = ECHO + ECHO_BODY;
        for (int end : new int[] {1, 6, 7, 40, ECHO.length() / 2, ECHO.length() / 2 + 3, call.length() / 2 - 1}) {
            Wire wire = connect().send(call.substring(0, 2 * end)).end();
            assertThat(wire.readToEnd()).isIn("", RESET);
        }
    }

    /** Defect 14 has no cure without extensions: a reset in place of the next frame is all that can be said. */
    @Test
    void shouldResetWhenOctetsFail() throws Exception {
        Wire wire =
                wire(serve(endpoints().add("Get", Pair.class, Octets.class, pair -> Octets.of(new FailingStream()))));
        wire.send(message(1, request("Get", 3, 4)) + ECHO_BODY);
        assertThat(wire.readToEnd()).startsWith(message(1, answer(4))).endsWith("6162" + RESET);
    }

    @Test
    void shouldCloseASilentClientWhenTheHandshakeTakesTooLong() throws Exception {
        SluiceServer server = serve(all());
        Wire wire = wire(server).send(ECHO.substring(0, 40));
        await().until(() -> group.buffers().outstandingBytes() > 0);
        pass(HANDSHAKE_TIMEOUT);
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    /** Defect 9: a client that is lost does not keep its thread for ever. */
    @Test
    void shouldCutASilentClientWhenTheIdleTimeoutIsOver() throws Exception {
        Wire wire = connect().send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        pass(Duration.ofMinutes(4));
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        pass(Duration.ofMinutes(4));
        wire.send(ECHO + ECHO_BODY);
        assertNext(wire, ECHO_ANSWER);
        pass(Duration.ofMinutes(7));
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    @Test
    void shouldNotCountTheTimeOfAHandlerWhenItTakesLong() throws Exception {
        CompletableFuture<Void> called = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        Wire wire = wire(serve(endpoints().add("Slow", Pair.class, Pair.class, pair -> {
            called.complete(null);
            goOn.get(20, TimeUnit.SECONDS);
            return pair;
        })));
        wire.send(message(1, request("Slow", 3, 3)) + ECHO_BODY);
        called.get(20, TimeUnit.SECONDS);
        pass(Duration.ofMinutes(20));
        goOn.complete(null);
        assertNext(wire, ECHO_ANSWER);
        assertGoesOn(wire);
    }

    @Test
    void shouldLetACallFinishWhenTheServerStops() throws Exception {
        CompletableFuture<Void> called = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        SluiceServer server = serve(endpoints().add("Slow", Pair.class, Pair.class, pair -> {
            called.complete(null);
            goOn.get(20, TimeUnit.SECONDS);
            return pair;
        }));
        Wire idle = wire(server).send(ECHO + ECHO_BODY);
        assertNext(idle, ECHO_ANSWER);
        Wire busy = wire(server).send(message(1, request("Slow", 3, 3)) + ECHO_BODY);
        called.get(20, TimeUnit.SECONDS);
        THREADS.execute(() -> server.stop(Duration.ofSeconds(10)));

        assertThat(idle.readToEnd()).isEqualTo(RESET);
        goOn.complete(null);
        assertThat(busy.readToEnd()).isEqualTo(ECHO_ANSWER + RESET);
    }

    @Test
    void shouldResetWhenThereIsNoThread() throws Exception {
        Wire wire = wire(serve(
                all(),
                Endpoint.tcp("127.0.0.1", 0),
                s -> s.executor(task -> {
                    throw new RejectedExecutionException("full");
                })));
        assertEnded(wire.send(ECHO + ECHO_BODY));
    }
}
