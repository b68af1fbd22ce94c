package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's side of the handshake, byte by byte (docs/protocols.md, section 2). */
class ServerWireTest extends RpcFixture {
    /** {@code {"Method":"/test.streamrpc.Test/Stream"}}. */
    private static final String REQUEST =
            "00000028 7b224d6574686f64223a222f746573742e73747265616d7270632e546573742f53747265616d227d";

    private static final String ACCEPTED = "00000000";
    private static final String METHOD = "\"Method\":\"/test.streamrpc.Test/Stream\"";

    private final AtomicReference<byte[]> message = new AtomicReference<>();
    private final AtomicReference<Metadata> metadata = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private SluiceServer server;

    @BeforeEach
    void start() throws IOException {
        server = serve(s -> s.addService(service(this::echo)).intercept(seeMetadata()), Endpoint.tcp("127.0.0.1", 0));
    }

    private ServerInterceptor seeMetadata() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                metadata.set(headers);
                return next.startCall(call, headers);
            }
        };
    }

    /** Greets, then echoes until the client ends. */
    private void echo(byte[] request, StreamObserver<byte[]> done) {
        calls.incrementAndGet();
        message.set(request);
        try {
            ByteStream stream = StreamRpc.accept();
            stream.outputStream().write('>');
            stream.transferTo(stream, Long.MAX_VALUE);
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    private Wire connect() throws IOException {
        return Wire.connect(server.endpoints().get(0));
    }

    @Test
    void shouldAcceptWithFourZeroBytesAndThenTheStream() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).send(REQUEST);
            assertThat(wire.read(5)).isEqualTo(ACCEPTED + Wire.hex(">"));
            assertThat(wire.sendText("hello").readText(5)).isEqualTo("hello");
            assertThat(wire.end().readToEnd()).isEmpty();
        }
        assertThat(message.get()).isEmpty();
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(1, 0, 0));
    }

    @Test
    void shouldPassOnMessageAndMetadata() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC + "00000073")
                    .sendText("{\"Method\":\"/test.streamrpc.Test/Stream\",\"Message\":\"EgtoZWxsbyB3b3JsZA==\","
                            + "\"Metadata\":{\"k1\":[\"v1\",\"v2\"],\"k2\":[\"v3\"]}}");
            assertThat(wire.read(4)).isEqualTo(ACCEPTED);
        }
        assertThat(HexFormat.of().formatHex(message.get())).isEqualTo("120b68656c6c6f20776f726c64");
        assertThat(metadata.get().getAll(key("k1"))).containsExactly("v1", "v2");
        assertThat(metadata.get().getAll(key("k2"))).containsExactly("v3");
        assertThat(metadata.get().keys()).containsExactlyInAnyOrder("k1", "k2");
    }

    @Test
    void shouldRejectAnUnknownMethodByteForByte() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC + "0000001b").sendText("{\"Method\":\"does not exist\"}");
            assertThat(wire.readToEnd())
                    .isEqualTo("0000002c" + "7b224572726f72223a226d6574686f64206e6f7420666f756e643a20"
                            + "646f6573206e6f74206578697374227d");
        }
        assertThat(calls).hasValue(0);
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(0, 1, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "``|unexpected end of JSON input",
                "{|unexpected end of JSON input",
                "{}x|invalid character 'x' after top-level value",
                "{}|method not found: ",
                "null|json: request is null, expected an object",
                "{\"Method\":\"<a>&\"}|method not found: \\u003ca\\u003e\\u0026",
                "{\"method\":\"a\",\"METHOD\":\"b\",\"Other\":[{}]}|method not found: b",
                "{\"Method\":\"a\",\"Method\":null}|method not found: a",
                "{\"Method\":\"/test.streamrpc.Test/stream\"}|method not found: /test.streamrpc.Test/stream",
                "{\"Method\":\"test.streamrpc.Test/Stream\"}|method not found: test.streamrpc.Test/Stream",
                "{\"Method\":\"x\",\"Message\":\"a\"}|illegal base64 data at input byte 0",
                "{\"Method\":\"x\",\"Message\":\"EgtoZWxs!y\"}|illegal base64 data at input byte 8",
            })
    void shouldRejectWithTheTextsOfGo(String request, String text) throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).sendFrame(request);
            assertThat(wire.readToEnd()).isEqualTo(Wire.frame("{\"Error\":\"" + text + "\"}"));
        }
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|array",
                "7|number",
                "\"x\"|string",
                "{\"Method\":7}|number",
                "{\"Method\":\"x\",\"Message\":{}}|object",
                "{\"Method\":\"x\",\"Metadata\":[]}|array",
                "{\"Method\":\"x\",\"Metadata\":{\"k\":\"v\"}}|string",
                "{\"Method\":\"x\",\"Metadata\":{\"k\":[1]}}|number",
            })
    void shouldSayWhatItFoundWhenATypeIsWrong(String request, String found) throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).sendFrame(request);
            assertThat(wire.readFrame()).startsWith("{\"Error\":\"").contains(found);
            assertThat(wire.readToEnd()).isEmpty();
        }
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"bad key\":[\"v\"]", "\"k\":[\"a\\nb\"]", "\"\":[\"v\"]", "\"-bin\":[\"v\"]"})
    void shouldRejectMetadataThatGrpcCannotHave(String entry) throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).sendFrame("{" + METHOD + ",\"Metadata\":{" + entry + "}}");
            assertThat(wire.readFrame()).startsWith("{\"Error\":\"metadata ");
            assertThat(wire.readToEnd()).isEmpty();
        }
        assertThat(calls).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00100000", "7fffffff", "80000000", "ffffffff"})
    void shouldCloseWithoutAWordWhenAFrameIsTooLong(String length) throws IOException {
        try (Wire wire = connect()) {
            assertThat(wire.send(Wire.MAGIC + length).readToEnd()).isEmpty(); // no reset either
        }
        await().untilAsserted(
                        () -> assertThat(server.stats().handshakeFailures()).isEqualTo(1));
    }

    @Test
    void shouldTakeTheLongestFrame() throws IOException {
        String padded = "{" + METHOD + "}" + " ".repeat(0xFFFFF - METHOD.length() - 2);
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC + "000fffff").sendText(padded);
            assertThat(wire.read(5)).isEqualTo(ACCEPTED + Wire.hex(">"));
        }
    }

    @Test
    void shouldCutATextThatFitsNoFrame() throws IOException {
        String name = "<".repeat(0xFFFFF - 13);
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).sendFrame("{\"Method\":\"" + name + "\"}");
            assertThat(wire.readFrame())
                    .hasSizeBetween(0xFFFFF - 8, 0xFFFFF)
                    .startsWith("{\"Error\":\"method not found: \\u003c")
                    .endsWith("\\u003c...\"}");
            assertThat(wire.readToEnd()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000000", "00000028", "00000028 7b22"})
    void shouldCloseWithoutAWordWhenTheClientEndsInItsRequest(String sent) throws IOException {
        try (Wire wire = connect()) {
            assertThat(wire.send(Wire.MAGIC + sent).end().readToEnd()).isEmpty(); // no reset either
        }
        await().untilAsserted(
                        () -> assertThat(server.stats().handshakeFailures()).isEqualTo(1));
        assertThat(calls).hasValue(0);
    }

    @Test
    void shouldKeepTheStreamBytesThatCameWithTheRequest() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC + REQUEST + Wire.hex("early")).end();
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED + Wire.hex(">early"));
        }
    }

    @Test
    void shouldTakeHeaderAndBodyInSegmentsOfTheirOwn() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC).send(REQUEST.substring(0, 8)).send(REQUEST.substring(9));
            assertThat(wire.sendText("x").end().readToEnd()).isEqualTo(ACCEPTED + Wire.hex(">x"));
        }
    }

    @Test
    void shouldTakeOneByteAtATime() throws IOException {
        String all = Wire.MAGIC + REQUEST.replace(" ", "") + Wire.hex("tail");
        try (Wire wire = connect()) {
            for (int i = 0; i < all.length(); i += 2) {
                wire.send(all.substring(i, i + 2));
            }
            assertThat(wire.end().readToEnd()).isEqualTo(ACCEPTED + Wire.hex(">tail"));
        }
    }

    @Test
    void shouldSayNothingBeforeTheRequestIsComplete() throws IOException {
        try (Wire wire = connect()) {
            wire.send(Wire.MAGIC + REQUEST.substring(0, REQUEST.length() - 2));
            await().untilAsserted(() -> assertThat(server.stats().byProtocol()).containsEntry("streamrpc00", 1L));
            assertThat(calls).hasValue(0);
            pass(HANDSHAKE_TIMEOUT);
            assertThat(wire.isClosedWithoutAWord()).isTrue();
        }
        assertThat(server.stats().handshakeTimeouts()).isEqualTo(1);
    }

    @Test
    void shouldCloseAClientThatDoesNotReadItsRejection() throws IOException {
        List<Wire> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Wire wire = Wire.connect(server.endpoints().get(0), 4096);
                deaf.add(wire.send(Wire.MAGIC).sendFrame("{\"Method\":\"" + "<".repeat(0xFFFFF - 13) + "\"}"));
            }
            await().untilAsserted(() -> assertThat(rpc.stats().rejected()).isEqualTo(8));
            await().untilAsserted(() -> {
                pass(HANDSHAKE_TIMEOUT);
                assertThat(server.stats().open()).isZero();
            });
        } finally {
            for (Wire wire : deaf) {
                wire.close();
            }
        }
    }

    @Test
    void shouldShowTheConnectionToInterceptors() throws IOException {
        AtomicReference<Connection> seen = new AtomicReference<>();
        ServerInterceptor look = new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                seen.set(call.getAttributes().get(StreamRpc.CONNECTION));
                return next.startCall(call, headers);
            }
        };
        SluiceServer other =
                serve(s -> s.addService(service(this::echo)).intercept(look), Endpoint.tcp("127.0.0.1", 0));
        try (Wire wire = Wire.connect(other.endpoints().get(0))) {
            assertThat(wire.send(Wire.MAGIC + REQUEST).read(4)).isEqualTo(ACCEPTED);
            assertThat(seen.get().localEndpoint()).isEqualTo(other.endpoints().get(0));
        }
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
