package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client without extensions, byte by byte: a server that is the test, and may be a bad one. */
class PlainClientTest extends FramedFixture {
    private static final String OCTETS_ANSWER = message(1, answer(4));

    private ServerSocket listener;
    private FramedClient client;

    @BeforeEach
    void listen() throws IOException {
        listener = keep(Wire.listen());
        client = client(Wire.endpointOf(listener), true);
    }

    private static <T> CompletableFuture<T> start(Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        THREADS.execute(() -> {
            try {
                result.complete(call.call());
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        return result;
    }

    private CompletableFuture<Pair> echo() {
        return start(() -> client.call("Echo", new Pair("hi", 7), Pair.class));
    }

    private CompletableFuture<Octets> get() {
        return start(() -> client.call("Get", new Pair("hi", 7), Octets.class));
    }

    private static <T> T result(CompletableFuture<T> call) throws Exception {
        try {
            return call.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static void assertFails(CompletableFuture<?> call, Reason reason, String text) {
        assertThatThrownBy(() -> result(call))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(text);
    }

    private void assertNamesTheConnection(CompletableFuture<?> call) {
        assertThatThrownBy(() -> result(call)).hasMessageContaining("127.0.0.1:" + listener.getLocalPort());
    }

    private Wire accept() throws IOException {
        return keep(Wire.accept(listener));
    }

    /** Takes a call of {@code Echo} and answers it. */
    private static void serveEcho(Wire wire) throws IOException {
        assertThat(wire.read(ECHO.length() / 2)).isEqualTo(ECHO);
        String body = message(2, "{\"a\":\"hi\",\"n\":7}\n");
        assertThat(wire.read(body.length() / 2)).isEqualTo(body);
        wire.send(ECHO_ANSWER);
    }

    /** The next call has another connection, and its own answer. */
    private void assertNextCallIsOnAnotherConnection() throws Exception {
        CompletableFuture<Pair> call = echo();
        serveEcho(accept());
        assertThat(result(call)).isEqualTo(new Pair("hi", 7));
    }

    @Test
    void shouldSendTheBytesOfTheProtocolWhenCalling() throws Exception {
        CompletableFuture<Pair> first = echo();
        Wire wire = accept();
        serveEcho(wire);
        assertThat(result(first)).isEqualTo(new Pair("hi", 7));

        CompletableFuture<Pair> second = echo();
        serveEcho(wire);
        result(second);

        CompletableFuture<Void> end = start(() -> {
            client.hangUp();
            return null;
        });
        assertThat(wire.read(CLOSE.length() / 2)).isEqualTo(CLOSE);
        wire.send(CLOSE_ANSWER + RESET).end();
        assertThat(wire.readToEnd()).startsWith(RESET);
        result(end);
    }

    @Test
    void shouldReadTheAnswerWhenItComesByteByByte() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        for (int i = 0; i < ECHO_ANSWER.length(); i += 2) {
            wire.send(ECHO_ANSWER.substring(i, i + 2));
        }
        assertThat(result(call)).isEqualTo(new Pair("hi", 7));
    }

    @Test
    void shouldSayThatHangingUpFailedWhenTheServerRefuses() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        serveEcho(wire);
        result(call);
        CompletableFuture<Void> end = start(() -> {
            client.hangUp();
            return null;
        });
        wire.send(error(3, "never"));
        assertThatThrownBy(() -> result(end)).hasMessage("error hanging up: StatusServerError: never");
    }

    @Test
    void shouldReadOctetsWhenTheyComeInAnyFrames() throws Exception {
        CompletableFuture<Octets> call = get();
        Wire wire = accept();
        wire.send(OCTETS_ANSWER + "02000100000061" + "020000000000" + "0200020000006263" + "020100000000");
        try (Octets octets = result(call)) {
            assertThat(octets.inputStream().readAllBytes()).containsExactly('a', 'b', 'c');
        }
        wire.read(ECHO.length() / 2 - 1 + 6 + 17); // "Get" is one letter shorter
        CompletableFuture<Pair> next = echo();
        serveEcho(wire);
        result(next);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void shouldKeepTheConnectionWhenTheHandlerFailed(int status) throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        wire.read(ECHO.length() / 2 + 6 + 17);
        wire.send(error(status, "no"));
        assertThatThrownBy(() -> result(call)).isInstanceOfSatisfying(CallFailedException.class, e -> {
            assertThat(e.status().code()).isEqualTo(status);
            assertThat(e.text()).isEqualTo("no");
        });
        CompletableFuture<Pair> next = echo();
        serveEcho(wire);
        result(next);
    }

    /** Defect 2, of a server: it has not read the body, and will take that for a call, whose answer must be nobody's. */
    @Test
    void shouldCloseTheConnectionWhenTheServerRefusedTheRequest() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        wire.send(error(2, "unregistered endpoint Echo") + error(2, "unregistered endpoint "));
        assertThatThrownBy(() -> result(call)).hasMessage("StatusRequestError: unregistered endpoint Echo");
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldCloseTheConnectionWhenOctetsWereSent() throws Exception {
        CompletableFuture<Integer> call = start(() -> client.call("Put", Octets.of(new byte[] {'a'}), Integer.class));
        Wire wire = accept();
        String request = message(1, request("Put", 4, 3)) + message(2, "a");
        assertThat(wire.read(request.length() / 2)).isEqualTo(request);
        wire.send(message(1, answer(3)) + message(2, "1\n"));
        assertThat(result(call)).isEqualTo(1);
        assertNextCallIsOnAnotherConnection();
    }

    static Stream<Arguments> broken() {
        String unknownType = "7701020000007b7d";
        return Stream.of(
                Arguments.of("status 0: defect 12", error(0, ""), "status 0, expected an error"),
                Arguments.of("an unknown status", error(5, "x"), "status 5"),
                Arguments.of(
                        "another type than asked for",
                        OCTETS_ANSWER + message(2, "a"),
                        "asked for DataTypeMarshaledJSON"),
                Arguments.of("no type", message(1, "{\"Error\":1}"), "the answer is DataType(0)"),
                Arguments.of("an unknown frame: defect 1", unknownType, "unknown frame type 0x77"),
                Arguments.of("a frame without a header", message(2, "{}"), "expected a frame of type 0x01"),
                Arguments.of("an oversized frame", "0101ffffffff", "exceeds max payload length"),
                Arguments.of("a header over 4096 bytes", frame(1, true, new byte[4097]), "more than 4096 bytes"),
                Arguments.of("truncated JSON", message(1, "{\"Error\":"), "cannot read header"),
                Arguments.of(
                        "an unknown frame for a body", message(1, answer(3)) + unknownType, "unknown frame type 0x77"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void shouldCloseTheConnectionWhenTheServerBreaksTheProtocol(String what, String hex, String text) throws Exception {
        CompletableFuture<Pair> call = echo();
        accept().send(hex);
        assertFails(call, Reason.PROTOCOL_ERROR, text);
        assertNamesTheConnection(call);
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldCloseTheConnectionWhenTheServerResets() throws Exception {
        CompletableFuture<Pair> call = echo();
        accept().send("ff01ffffffff");
        assertFails(call, Reason.RESET, ": reset frame observed on connection: the peer gave up");
        assertNamesTheConnection(call);
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldCloseTheConnectionWhenTheServerEndsInTheMiddle() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        wire.read(ECHO.length() / 2 + 6 + 17);
        wire.send(ECHO_ANSWER.substring(0, ECHO_ANSWER.length() - 2)).end();
        assertFails(call, Reason.TRUNCATED, "the peer ended within a message");
        assertNextCallIsOnAnotherConnection();
    }

    @ParameterizedTest
    @ValueSource(strings = {"02000100000061ff0100000000", "02000100000061", "020002000000 61"})
    void shouldNotLookLikeAnEndWhenOctetsAreCut(String frames) throws Exception {
        CompletableFuture<Octets> call = get();
        Wire wire = accept();
        wire.send(OCTETS_ANSWER + frames).end();
        InputStream octets = keep(result(call)).inputStream();
        assertThat(octets.read()).isEqualTo('a');
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(octets::read).isInstanceOf(TransportException.class);
        }
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldCloseTheConnectionWhenOctetsAreClosedBeforeTheirEnd() throws Exception {
        CompletableFuture<Octets> call = get();
        Wire wire = accept();
        wire.read(ECHO.length() / 2 - 1 + 6 + 17);
        wire.send(OCTETS_ANSWER + "02000100000061");
        result(call).close();
        wire.end();
        assertThat(wire.readToEnd()).startsWith(RESET);
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldKeepTheConnectionWhenTheAnswerIsNotOfTheType() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        wire.read(ECHO.length() / 2 + 6 + 17);
        wire.send(message(1, answer(3)) + message(2, "[1]\n"));
        assertThatThrownBy(() -> result(call)).hasMessageStartingWith("cannot decode marshaled reply: ");
        CompletableFuture<Pair> next = echo();
        serveEcho(wire);
        result(next);
    }

    @Test
    void shouldGiveUpWhenTheAnswerIsTooLarge() throws Exception {
        FramedClient small = client(Wire.endpointOf(listener), c -> c.plain().limits(new FramedLimits(30, 10, 10, 10)));
        CompletableFuture<Pair> call = start(() -> small.call("Echo", new Pair("hi", 7), Pair.class));
        accept().send(message(1, answer(3)) + frame(2, true, new byte[11]));
        assertFails(call, Reason.LIMIT_EXCEEDED, "more than 10 bytes (FramedClient.Builder.limits)");
        assertThatThrownBy(() -> small.call("Echo", new Pair("x".repeat(30), 7), Pair.class))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("the request has more than 30 bytes");
    }

    /** Defect 10, of a caller: it is told, and the next call is as good as any. */
    @Test
    void shouldSendNothingWhenTheRequestCannotBeWritten() throws Exception {
        assertThatThrownBy(() -> client.call("Echo", new Unwritable(), Pair.class))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Direct self-reference");
        assertNothingWasDialled();

        CompletableFuture<Pair> call = echo();
        serveEcho(accept());
        assertThat(result(call)).isEqualTo(new Pair("hi", 7));
    }

    /** Defect 8, on a socket: nobody takes a call whose server has gone since the one before, and its caller learns that. */
    @Test
    void shouldFailTheCallWhenTheServerHasGoneMeanwhile() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        serveEcho(wire);
        result(call);
        wire.close();

        assertThatThrownBy(() -> result(echo()))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isIn(Reason.RESET, Reason.TRUNCATED));
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldSendNothingWhenTheNameIsTooLong() {
        assertThatThrownBy(() -> client.call("x".repeat(5000), new Pair("hi", 7), Pair.class))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
        assertNothingWasDialled();
    }

    private void assertNothingWasDialled() {
        assertThat(group.loops().stream()
                        .mapToInt(loop -> loop.connectionCount())
                        .sum())
                .isZero();
    }

    @Test
    void shouldStopSendingWhenTheServerHasAnsweredAlready() throws Exception {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'a';
            }

            @Override
            public void close() {
                closed.complete(null);
            }
        };
        CompletableFuture<Integer> call = start(() -> client.call("Put", Octets.of(endless), Integer.class));
        Wire wire = accept();
        wire.read(100_000);
        wire.send(error(4, "disk full"));
        assertThatThrownBy(() -> result(call)).hasMessage("StatusError: disk full");
        assertThat(wire.readToEnd()).endsWith(RESET);
        closed.get(20, TimeUnit.SECONDS);
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldResetWhenTheOctetsFail() throws Exception {
        CompletableFuture<Integer> call =
                start(() -> client.call("Put", Octets.of(new FailingStream()), Integer.class));
        Wire wire = accept();
        String request = message(1, request("Put", 4, 3));
        assertThat(wire.read(request.length() / 2)).isEqualTo(request);
        assertThat(wire.read(6 + 2 + 6)).isEqualTo("0200020000006162" + RESET);
        wire.end();
        assertThatThrownBy(() -> result(call)).hasMessage("the octets failed: disk on fire");
        assertNextCallIsOnAnotherConnection();
    }

    /** Defect 9. */
    @Test
    void shouldGiveUpWhenTheServerIsSilent() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        wire.read(ECHO.length() / 2);
        await().until(() -> {
            pass(Duration.ofMinutes(7));
            return call.isDone();
        });
        assertFails(call, Reason.TIMEOUT, "the peer was silent for 300000 ms (FramedClient.Builder.idleTimeout)");
    }

    @Test
    void shouldGiveUpWhenTheCallHasATimeout() throws Exception {
        FramedClient hasty = client(Wire.endpointOf(listener), c -> c.plain().callTimeout(Duration.ofSeconds(3)));
        CompletableFuture<Pair> call = start(() -> hasty.call("Echo", new Pair("hi", 7), Pair.class));
        Wire wire = accept();
        wire.read(ECHO.length() / 2);
        await().until(() -> {
            pass(Duration.ofSeconds(3));
            return call.isDone();
        });
        assertFails(call, Reason.TIMEOUT, "no answer within 3000 ms (FramedClient.Builder.callTimeout)");
    }

    @Test
    void shouldHangUpWhenAConnectionIsNotUsed() throws Exception {
        CompletableFuture<Pair> call = echo();
        Wire wire = accept();
        serveEcho(wire);
        result(call);
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            pass(Duration.ofSeconds(1)); // little by little: hanging up has a limit, too
            return wire.hasInput();
        });
        assertThat(wire.read(CLOSE.length() / 2)).isEqualTo(CLOSE);
        wire.send(CLOSE_ANSWER).end();
        assertThat(wire.readToEnd()).startsWith(RESET);
        assertNextCallIsOnAnotherConnection();
    }

    @Test
    void shouldEndTheCallWhenTheCallerIsInterrupted() throws Exception {
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        CompletableFuture<Pair> call = start(() -> {
            caller.complete(Thread.currentThread());
            return client.call("Echo", new Pair("hi", 7), Pair.class);
        });
        Wire wire = accept();
        wire.read(ECHO.length() / 2);
        caller.get(20, TimeUnit.SECONDS).interrupt();
        assertFails(call, Reason.CANCELLED, "interrupted");
    }

    @Test
    void shouldRefuseCallsWhenItIsClosed() {
        client.close();
        client.close();
        assertThatThrownBy(() -> client.call("Echo", new Pair("hi", 7), Pair.class))
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        InputStream source = new ByteArrayInputStream(new byte[1]);
        assertThatThrownBy(() -> client.call("Put", Octets.of(source), Integer.class))
                .isInstanceOf(TransportException.class);
    }
}
