package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a method may do with its call, and what the client then sees. */
class HandlerTest extends RpcFixture {
    private static final String REQUEST = Wire.MAGIC + Wire.frame("{\"Method\":\"/test.streamrpc.Test/Stream\"}");
    private static final String ACCEPTED = "00000000";

    private SluiceServer server;

    private void method(ServerCalls.UnaryMethod<byte[], byte[]> body) throws IOException {
        server = serve(body);
    }

    private Wire call() throws IOException {
        return Wire.connect(server.endpoints().get(0)).send(REQUEST);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private String errorOfRejection() throws IOException {
        try (Wire wire = call()) {
            String json = wire.readFrame();
            assertThat(wire.readToEnd()).isEmpty();
            assertThat(json).startsWith("{\"Error\":\"").endsWith("\"}");
            return json.substring("{\"Error\":\"".length(), json.length() - 2);
        }
    }

    @Test
    void shouldRejectWithItsStatusWhenTheMethodFails() throws IOException {
        method((request, done) -> done.onError(
                Status.NOT_FOUND.withDescription("this is the server error").asRuntimeException()));
        assertThat(errorOfRejection()).isEqualTo("rpc error: code = NotFound desc = this is the server error");
    }

    @Test
    void shouldRejectWithItsStatusWhenTheMethodThrowsOne() throws IOException {
        method((request, done) -> {
            throw Status.PERMISSION_DENIED.withDescription("permission denied").asRuntimeException();
        });
        assertThat(errorOfRejection()).isEqualTo("rpc error: code = PermissionDenied desc = permission denied");
    }

    @Test
    void shouldNotTellTheClientWhatTheMethodThrew() throws IOException {
        method((request, done) -> {
            throw new IllegalArgumentException("the password is swordfish");
        });
        assertThat(errorOfRejection()).isEqualTo("rpc error: code = Internal desc = the method failed");
    }

    @Test
    void shouldNotTellTheClientWhatErrorTheMethodThrew() throws IOException {
        method((request, done) -> {
            throw new AssertionError("the password is swordfish");
        });
        assertThat(errorOfRejection()).isEqualTo("rpc error: code = Internal desc = the method failed");
    }

    @Test
    void shouldRejectWhenTheMethodCompletesWithoutAccepting() throws IOException {
        method((request, done) -> {
            done.onNext(NOTHING);
            done.onCompleted();
        });
        assertThat(errorOfRejection()).isEqualTo("streamrpc: the method returned without accepting the stream");
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(0, 1, 0));
    }

    @Test
    void shouldWaitForAMethodThatAnswersFromAnotherThread() throws Exception {
        CompletableFuture<Void> proceed = new CompletableFuture<>();
        method((request, done) -> {
            Runnable answer = Context.current().wrap(() -> {
                proceed.join();
                acceptAndGreet(done);
            });
            new Thread(answer).start();
        });
        try (Wire wire = call()) {
            await().untilAsserted(() -> assertThat(server.stats().byProtocol()).containsEntry("streamrpc00", 1L));
            proceed.complete(null);
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED + Wire.hex("x"));
        }
    }

    private static void acceptAndGreet(StreamObserver<byte[]> done) {
        try {
            StreamRpc.accept().outputStream().write('x');
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    @Test
    void shouldAcceptOnlyOnce() throws Exception {
        CompletableFuture<Throwable> again = new CompletableFuture<>();
        CompletableFuture<Throwable> afterwards = new CompletableFuture<>();
        method((request, done) -> {
            try {
                ByteStream stream = StreamRpc.accept();
                again.complete(catchThrowable(StreamRpc::accept));
                stream.outputStream().write('x');
                done.onNext(NOTHING);
                done.onCompleted();
                afterwards.complete(catchThrowable(StreamRpc::accept));
            } catch (IOException e) {
                done.onError(e);
            }
        });
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED + Wire.hex("x"));
        }
        assertThat(get(again)).isInstanceOf(IllegalStateException.class).hasMessageContaining("already accepted");
        assertThat(get(afterwards)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNotAcceptOutsideOfACall() {
        assertThatIllegalStateException()
                .isThrownBy(StreamRpc::accept)
                .withMessageContaining("context has no serverSession");
    }

    @Test
    void shouldCutTheStreamWhenTheMethodFailsAfterAccepting() throws IOException {
        method((request, done) -> {
            try {
                StreamRpc.accept().outputStream().write('x');
                done.onError(Status.DATA_LOSS.asRuntimeException());
            } catch (IOException e) {
                done.onError(e);
            }
        });
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).endsWith(Wire.RESET);
        }
        await().untilAsserted(() -> assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(1, 0, 1)));
    }

    @Test
    void shouldCutTheStreamWhenTheMethodThrowsAfterAccepting() throws IOException {
        method((request, done) -> {
            try {
                StreamRpc.accept().outputStream().write('x');
            } catch (IOException e) {
                done.onError(e);
            }
            throw new IllegalStateException("after accepting");
        });
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).endsWith(Wire.RESET);
        }
    }

    @Test
    void shouldCloseTheStreamWhenTheCallEnds() throws Exception {
        CompletableFuture<ByteStream> stream = new CompletableFuture<>();
        method((request, done) -> {
            try {
                stream.complete(StreamRpc.accept());
                done.onNext(NOTHING);
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        });
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED);
        }
        assertThat(get(stream).isOpen()).isFalse();
        assertThatThrownBy(() -> get(stream).write(ByteBuffer.allocate(1))).isInstanceOf(TransportException.class);
    }

    @Test
    void shouldCutAMethodThatIsTooSlowToAccept() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        CompletableFuture<Throwable> late = new CompletableFuture<>();
        CompletableFuture<Context> context = new CompletableFuture<>();
        method((request, done) -> {
            context.complete(Context.current());
            try {
                proceed.await();
                late.complete(catchThrowable(StreamRpc::accept));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (Wire wire = call()) {
            get(context);
            pass(HANDSHAKE_TIMEOUT);
            assertThat(wire.isClosedWithoutAWord()).isTrue();
            await().untilAsserted(() -> assertThat(get(context).isCancelled()).isTrue());
            proceed.countDown();
            assertThat(get(late)).isInstanceOf(TransportException.class).hasMessageContaining("accept session: ");
        }
        assertThat(server.stats().handshakeTimeouts()).isEqualTo(1);
        assertThat(rpc.stats().accepted()).isZero();
    }

    @Test
    void shouldHaveNoTimeLimitAfterAccepting() throws IOException {
        method((request, done) -> {
            try {
                ByteStream stream = StreamRpc.accept();
                stream.transferTo(stream, 2);
                done.onNext(NOTHING);
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        });
        try (Wire wire = call()) {
            assertThat(wire.sendText("a").read(5)).isEqualTo(ACCEPTED + Wire.hex("a"));
            pass(HANDSHAKE_TIMEOUT.multipliedBy(100));
            assertThat(wire.sendText("b").readToEnd()).isEqualTo(Wire.hex("b"));
        }
        assertThat(server.stats().handshakeTimeouts()).isZero();
    }

    @Test
    void shouldCancelTheCallWhenTheClientLeavesBeforeTheAnswer() throws Exception {
        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        method((request, done) -> {
            ((ServerCallStreamObserver<byte[]>) done).setOnCancelHandler(() -> cancelled.complete(true));
            begun.countDown();
        });
        try (Wire wire = call()) {
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            pass(HANDSHAKE_TIMEOUT);
            assertThat(wire.isClosedWithoutAWord()).isTrue();
        }
        assertThat(get(cancelled)).isTrue();
    }

    @Test
    void shouldRejectWhenNoThreadIsLeft() throws IOException {
        server = serve(
                s -> s.addService(service((request, done) -> done.onCompleted()))
                        .executor(task -> {
                            throw new RejectedExecutionException("full");
                        }),
                Endpoint.tcp("127.0.0.1", 0));
        assertThat(errorOfRejection())
                .isEqualTo("rpc error: code = ResourceExhausted desc = "
                        + "the server is busy: all its handler threads are in use");
    }

    @Test
    void shouldCloseOnlyItsConnectionWhenTheExecutorFails() throws IOException {
        server = serve(
                s -> s.addService(service((request, done) -> done.onCompleted()))
                        .executor(task -> {
                            throw new IllegalStateException("broken executor");
                        }),
                Endpoint.tcp("127.0.0.1", 0));
        try (Wire wire = call()) {
            assertThat(wire.isClosedWithoutAWord()).isTrue();
        }
    }

    // ---------------------------------------------------------------- without blocking

    /** Writes a text, then closes. */
    private static final class Greeter implements ConnectionHandler {
        private final ByteBuffer text;
        private final CompletableFuture<TransportException> closed = new CompletableFuture<>();

        Greeter(String text) {
            this.text = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) throws IOException {
            connection.write(text);
            if (!text.hasRemaining()) {
                connection.close();
            }
        }

        @Override
        public void onReadable(Connection connection) {
            // Only greets.
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            closed.complete(cause);
        }
    }

    @Test
    void shouldGiveTheConnectionToAHandlerOnTheLoop() throws Exception {
        Greeter greeter = new Greeter("greetings");
        CountDownLatch finish = new CountDownLatch(1);
        method((request, done) -> {
            StreamRpc.accept(greeter);
            try {
                finish.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            done.onNext(NOTHING);
            done.onCompleted();
        });
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED + Wire.hex("greetings"));
            assertThat(get(greeter.closed).reason()).isEqualTo(Reason.CLOSED);
        } finally {
            finish.countDown();
        }
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(1, 0, 0));
    }

    @Test
    void shouldTellAHandlerThatTheClientIsGoneWhenItDidNotGetTheConnection() throws Exception {
        Greeter greeter = new Greeter("greetings");
        AtomicReference<Connection> connection = new AtomicReference<>();
        server = serve(
                s -> s.addService(service((request, done) -> acceptWhileCut(connection.get(), greeter)))
                        .intercept(seeConnection(connection)),
                Endpoint.tcp("127.0.0.1", 0));
        try (Wire wire = call()) {
            assertThat(wire.isClosedWithoutAWord()).isTrue();
        }
        assertThat(get(greeter.closed)).hasMessage("cut");
    }

    /** Accepts at a time when the loop is just about to find out that the client is gone. */
    private static void acceptWhileCut(Connection connection, ConnectionHandler handler) {
        CountDownLatch accepting = new CountDownLatch(1);
        connection.loop().execute(() -> {
            try {
                accepting.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            connection.abort(new TransportException(Reason.RESET, "cut"));
        });
        StreamRpc.accept(handler);
        accepting.countDown();
    }

    private static ServerInterceptor seeConnection(AtomicReference<Connection> seen) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                seen.set(call.getAttributes().get(StreamRpc.CONNECTION));
                return next.startCall(call, headers);
            }
        };
    }

    @Test
    void shouldNotCancelTheCallWhenTheMethodClosesItsStreamFirst() throws Exception {
        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        AtomicReference<Connection> connection = new AtomicReference<>();
        server = serve(
                s -> s.addService(service((request, done) -> {
                            try {
                                StreamRpc.accept().close();
                                await().until(() -> connection.get().state() == ConnectionState.CLOSED);
                                connection
                                        .get()
                                        .loop()
                                        .execute(() -> cancelled.complete(
                                                ((ServerCallStreamObserver<byte[]>) done).isCancelled()));
                                cancelled.join();
                                done.onNext(NOTHING);
                                done.onCompleted();
                            } catch (IOException e) {
                                done.onError(e);
                            }
                        }))
                        .intercept(seeConnection(connection)),
                Endpoint.tcp("127.0.0.1", 0));
        try (Wire wire = call()) {
            assertThat(wire.readToEnd()).isEqualTo(ACCEPTED);
        }
        assertThat(get(cancelled)).isFalse();
        assertThat(rpc.stats()).isEqualTo(new StreamRpcServer.Stats(1, 0, 0));
    }

    @Test
    void shouldHaveNoTimeLimitForAHandlerOnTheLoop() throws IOException {
        method((request, done) -> {
            StreamRpc.accept(new Echo());
            done.onNext(NOTHING);
            done.onCompleted();
        });
        try (Wire wire = call()) {
            assertThat(wire.sendText("a").read(5)).isEqualTo(ACCEPTED + Wire.hex("a"));
            pass(Duration.ofDays(1));
            assertThat(wire.sendText("b").readText(1)).isEqualTo("b");
            assertThat(wire.end().readToEnd()).isEmpty();
        }
    }

    private static final class Echo implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(16);
            if (connection.read(bytes) < 0) {
                connection.close();
                return;
            }
            connection.write(bytes.flip());
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Holds nothing.
        }
    }
}
