package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of the handshake against a server that does what the test says (docs/protocols.md, section 2). */
class ClientWireTest extends RpcFixture {
    private static final String REQUEST = Wire.MAGIC
            + Wire.frame(
                    "{\"Method\":\"/test.streamrpc.Test/Stream\",\"Message\":\"EgtoZWxsbyB3b3JsZA==\",\"Metadata\":null}");

    private static final byte[] HELLO_WORLD = HexFormat.of().parseHex("120b68656c6c6f20776f726c64");

    private ServerSocket listener;
    private StreamRpcClient client;

    @BeforeEach
    void start() throws IOException {
        listener = keep(Wire.listen());
        client = client(Wire.endpointOf(listener));
    }

    private interface Call {
        ByteStream run() throws IOException;
    }

    /** Makes a call on a thread of its own. */
    private static FutureTask<ByteStream> begin(Call call) {
        FutureTask<ByteStream> task = new FutureTask<>(call::run);
        Thread thread = new Thread(task, "caller");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private FutureTask<ByteStream> begin() {
        return begin(() -> client.call(STREAM, HELLO_WORLD));
    }

    /** Accepts the client's connection and reads its request. */
    private Wire acceptRequest() throws IOException {
        Wire wire = keep(Wire.accept(listener));
        assertThat(wire.read(REQUEST.length() / 2)).isEqualTo(REQUEST);
        return wire;
    }

    private static ByteStream streamOf(FutureTask<ByteStream> call) throws Exception {
        return call.get(20, TimeUnit.SECONDS);
    }

    private static StreamRpcException failureOf(FutureTask<ByteStream> call) {
        ExecutionException thrown = catchThrowableOfType(ExecutionException.class, () -> streamOf(call));
        assertThat(thrown).as("the call should fail").isNotNull();
        assertThat(thrown).cause().isInstanceOf(StreamRpcException.class);
        return (StreamRpcException) thrown.getCause();
    }

    private StreamRpcException failureWhenAnswered(String hex) throws IOException {
        FutureTask<ByteStream> call = begin();
        try (Wire wire = acceptRequest()) {
            wire.send(hex).end();
            StreamRpcException failure = failureOf(call);
            assertThat(wire.isClosedWithoutAWord()).isTrue();
            return failure;
        }
    }

    @Test
    void shouldSendMagicAndRequestAndThenTheStream() throws Exception {
        FutureTask<ByteStream> call = begin();
        Wire wire = acceptRequest().send("00000000");
        try (ByteStream stream = streamOf(call)) {
            stream.outputStream().write(new byte[] {1, 2, 3});
            assertThat(wire.read(3)).isEqualTo("010203");
            stream.shutdownOutput();
            assertThat(wire.readToEnd()).isEmpty();
            wire.sendText("answer").end();
            assertThat(stream.inputStream().readAllBytes()).isEqualTo("answer".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void shouldKeepTheStreamBytesThatCameWithTheAnswer() throws Exception {
        FutureTask<ByteStream> call = begin();
        acceptRequest().send("00000000" + Wire.hex("early")).end();
        try (ByteStream stream = streamOf(call)) {
            assertThat(stream.inputStream().readAllBytes()).isEqualTo("early".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void shouldTakeAnAnswerOneByteAtATime() throws IOException {
        FutureTask<ByteStream> call = begin();
        Wire wire = acceptRequest();
        String answer = Wire.frame("{\"Error\":\"this is the server error\"}");
        for (int i = 0; i < answer.length(); i += 2) {
            wire.send(answer.substring(i, i + 2));
        }
        assertThat(failureOf(call)).hasMessage("this is the server error");
    }

    @Test
    void shouldFailWithExactlyTheServersText() throws IOException {
        StreamRpcException failure = failureWhenAnswered(
                "00000024 7b224572726f72223a2274686973206973207468652073657276" + "6572206572726f72227d");
        assertThat(failure).hasMessage("this is the server error");
        assertThat(failure.isRejection()).isTrue();
        assertThat(failure.status().getCode()).isEqualTo(Status.Code.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rpc error: code = Unauthenticated desc = authentication required|UNAUTHENTICATED",
                "rpc error: code = NotFound desc = GetRepoPath: not a git repository|NOT_FOUND",
                "method not found: x|UNIMPLEMENTED",
                "streamrpc: server already stopped|UNKNOWN"
            })
    void shouldReadTheCodeOutOfTheText(String text, Status.Code code) throws IOException {
        StreamRpcException failure = failureWhenAnswered(Wire.frame("{\"Error\":\"" + text + "\"}"));
        assertThat(failure).hasMessage(text);
        assertThat(failure.status().getCode()).isEqualTo(code);
    }

    @Test
    void shouldTakeAnEmptyObjectForARejectionWithoutText() throws IOException {
        StreamRpcException failure = failureWhenAnswered("00000002 7b7d");
        assertThat(failure.isRejection()).isTrue();
        assertThat(failure).hasMessage("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|receive handshake: EOF",
                "00|receive handshake: unexpected EOF",
                "000000|receive handshake: unexpected EOF",
                "00000002|receive handshake: EOF",
                "000000027b|receive handshake: unexpected EOF",
                "000000017b|unmarshal handshake response: unexpected end of JSON input",
                "0000000378797a|unmarshal handshake response: invalid character 'x' looking for beginning of value",
            })
    void shouldSayWhatIsWrongWithAnAnswer(String answer, String text) throws IOException {
        StreamRpcException failure = failureWhenAnswered(answer);
        assertThat(failure).hasMessage("streamrpc client: " + text);
        assertThat(failure.isRejection()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00100000", "7fffffff", "80000000", "ffffffff"})
    void shouldRefuseAnAnswerThatIsTooLong(String length) throws IOException {
        assertThat(failureWhenAnswered(length)).hasMessage("streamrpc client: receive handshake: frame too large");
    }

    @Test
    void shouldSayThatNobodyListens() throws IOException {
        listener.close();
        StreamRpcException failure = failureOf(begin());
        assertThat(failure).hasMessageStartingWith("streamrpc client: dial: connect to tcp://127.0.0.1:");
        assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
        assertThat(failure.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failure.isRejection()).isFalse();
    }

    @Test
    void shouldSayThatNoTransportKnowsTheAddress() {
        StreamRpcClient other = client(Endpoint.parse("nosuch://host:1"));
        assertThatThrownBy(() -> other.call(STREAM, NOTHING))
                .isInstanceOf(StreamRpcException.class)
                .hasMessageStartingWith("streamrpc client: dial: ");
    }

    @Test
    void shouldRefuseARequestThatFitsNoFrame() {
        assertThatThrownBy(() -> client.call(STREAM, new byte[0xFFFFF]))
                .isInstanceOf(StreamRpcException.class)
                .hasMessageStartingWith("streamrpc client: marshal request json: frame too large");
    }

    @Test
    void shouldFailWhenTheMessageCannotBeWritten() {
        MethodDescriptor<byte[], byte[]> broken = STREAM.toBuilder()
                .setRequestMarshaller(new MethodDescriptor.Marshaller<byte[]>() {
                    @Override
                    public InputStream stream(byte[] value) {
                        throw new IllegalArgumentException("cannot write this");
                    }

                    @Override
                    public byte[] parse(InputStream stream) {
                        throw new IllegalStateException("not called");
                    }
                })
                .build();
        assertThatThrownBy(() -> client.call(broken, NOTHING))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("streamrpc client: marshal outgoing protobuf message: cannot write this");
    }

    // ---------------------------------------------------------------- giving up

    @Test
    void shouldGiveUpWhenTheHandshakeTakesTooLong() throws IOException {
        FutureTask<ByteStream> call = begin();
        Wire wire = acceptRequest();
        pass(HANDSHAKE_TIMEOUT.minusMillis(1));
        assertThat(call).isNotDone();
        wire.send("000000"); // no more time for single bytes
        pass(Duration.ofMillis(1));
        StreamRpcException failure = failureOf(call);
        assertThat(failure).hasMessage("streamrpc client: receive handshake: i/o timeout");
        assertThat(failure.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    @Test
    void shouldHaveNoTimeLimitOnceAccepted() throws Exception {
        FutureTask<ByteStream> call = begin();
        Wire wire = acceptRequest().send("00000000");
        try (ByteStream stream = streamOf(call)) {
            pass(Duration.ofDays(1));
            wire.sendText("late").end();
            assertThat(stream.inputStream().readAllBytes()).hasSize(4);
        }
    }

    @Test
    void shouldGiveUpAtTheDeadlineOfTheCall() throws IOException {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS);
        StreamRpcClient patient = client(Wire.endpointOf(listener), c -> c.handshakeTimeout(Duration.ofDays(1)));
        FutureTask<ByteStream> call = begin(() -> patient.call(STREAM, HELLO_WORLD, options));
        Wire wire = acceptRequest();
        pass(Duration.ofHours(1));
        assertThat(failureOf(call).reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    @Test
    void shouldNotDialWhenTheDeadlineIsOver() {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(-1, TimeUnit.SECONDS);
        assertThatThrownBy(() -> client.call(STREAM, HELLO_WORLD, options))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("streamrpc client: dial: i/o timeout");
    }

    @Test
    void shouldGiveUpWhenTheContextIsCancelled() throws IOException {
        Context.CancellableContext context = Context.current().withCancellation();
        FutureTask<ByteStream> call = begin(() -> callIn(context));
        Wire wire = acceptRequest();
        context.cancel(new IllegalStateException("no longer wanted"));
        StreamRpcException failure = failureOf(call);
        assertThat(failure).hasMessage("streamrpc client: the context was cancelled");
        assertThat(failure.status().getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(failure).cause().hasMessage("no longer wanted");
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    @Test
    void shouldSayThatItWasTheDeadlineWhenTheContextEndsByItsOwn() throws IOException {
        ScheduledExecutorService scheduler = keepScheduler();
        Context.CancellableContext context =
                Context.current().withDeadline(Deadline.after(50, TimeUnit.MILLISECONDS), scheduler);
        FutureTask<ByteStream> call = begin(() -> callIn(context));
        acceptRequest();
        StreamRpcException failure = failureOf(call);
        assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(failure.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    private ScheduledExecutorService keepScheduler() {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        keep((AutoCloseable) scheduler::shutdownNow);
        return scheduler;
    }

    @Test
    void shouldNotDialWhenTheContextIsCancelledAlready() throws Exception {
        Context.CancellableContext context = Context.current().withCancellation();
        context.cancel(null);
        assertThat(failureOf(begin(() -> callIn(context)))).hasMessage("streamrpc client: the context was cancelled");
        FutureTask<ByteStream> next = begin();
        acceptRequest().send("00000000"); // the first that came
        streamOf(next).close();
    }

    @Test
    void shouldKeepTheStreamWhenTheContextIsCancelledAfterwards() throws Exception {
        Context.CancellableContext context = Context.current().withCancellation();
        FutureTask<ByteStream> call = begin(() -> callIn(context));
        Wire wire = acceptRequest().send("00000000");
        try (ByteStream stream = streamOf(call)) {
            context.cancel(null);
            wire.sendText("still here").end();
            assertThat(stream.inputStream().readAllBytes()).hasSize(10);
        }
    }

    private ByteStream callIn(Context context) throws IOException {
        Context previous = context.attach();
        try {
            return client.call(STREAM, HELLO_WORLD);
        } finally {
            context.detach(previous);
        }
    }

    @Test
    void shouldGiveUpWhenTheCallerIsInterrupted() throws Exception {
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        FutureTask<ByteStream> call = begin(() -> {
            thread.complete(Thread.currentThread());
            try {
                return client.call(STREAM, HELLO_WORLD);
            } finally {
                flag.complete(Thread.interrupted());
            }
        });
        Wire wire = acceptRequest();
        thread.get().interrupt();
        StreamRpcException failure = failureOf(call);
        assertThat(failure.reason()).isEqualTo(Reason.CANCELLED);
        assertThat(failure).hasMessage("streamrpc client: the calling thread was interrupted");
        assertThat(flag.get()).as("interrupted").isTrue();
        assertThat(wire.isClosedWithoutAWord()).isTrue();
    }

    @Test
    void shouldFailCallsUnderWayWhenTheClientIsClosed() throws IOException {
        StreamRpcClient own = StreamRpcClient.builder(Wire.endpointOf(listener)).build();
        FutureTask<ByteStream> call = begin(() -> own.call(STREAM, HELLO_WORLD));
        Wire wire = acceptRequest();
        own.close();
        assertThat(failureOf(call).reason()).isEqualTo(Reason.SHUTDOWN);
        assertThat(wire.isClosedWithoutAWord()).isTrue();
        assertThat(failureOf(begin(() -> own.call(STREAM, HELLO_WORLD))).reason())
                .isEqualTo(Reason.SHUTDOWN);
    }

    @Test
    void shouldFailCallsThatStillDialWhenTheClientIsClosed() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, listener.getInetAddress())) {
            fillBacklog(full);
            StreamRpcClient own = StreamRpcClient.builder(Wire.endpointOf(full)).build();
            CompletableFuture<?> call =
                    own.start(STREAM, HELLO_WORLD, new Unused()).toCompletableFuture();
            own.close();
            assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(StreamRpcException.class);
        }
    }

    /** Lets clients connect until the system lets the next ones wait. */
    private void fillBacklog(ServerSocket full) throws IOException {
        for (int i = 0; i < 2; i++) {
            keep(Wire.connect(Wire.endpointOf(full)));
        }
    }

    private static final class Unused implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("not called");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            throw new IllegalStateException("not called");
        }
    }

    @Test
    void shouldNotBlockALoop() {
        CompletableFuture<ByteStream> call = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return client.call(STREAM, HELLO_WORLD);
                    } catch (IOException e) {
                        throw new IllegalArgumentException(e);
                    }
                },
                group.next());
        assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("start()");
    }
}
