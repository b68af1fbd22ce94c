package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** gRPC's interceptors, unchanged, on both sides. */
class InterceptorTest extends RpcFixture {
    private static final Metadata.Key<String> WHO = Metadata.Key.of("who", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<String> USER = Context.key("user");

    private final List<String> log = new CopyOnWriteArrayList<>();

    private void accept(byte[] request, StreamObserver<byte[]> done) {
        log.add("method for " + USER.get());
        try {
            StreamRpc.accept();
            done.onNext(NOTHING);
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    private SluiceServer serveWith(UnaryOperator<StreamRpcServer.Builder> interceptors) throws IOException {
        return serve(s -> interceptors.apply(s.addService(service(this::accept))), Endpoint.tcp("127.0.0.1", 0));
    }

    private static Endpoint of(SluiceServer server) {
        return server.endpoints().get(0);
    }

    /** Logs the call and the status it is closed with. */
    private ServerInterceptor serverLog(String name) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                log.add(name + " sees " + call.getMethodDescriptor().getFullMethodName() + " from " + headers.get(WHO));
                ServerCall<Q, R> logged = new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        log.add(name + " sees " + status.getCode());
                        super.close(status, trailers);
                    }
                };
                return next.startCall(logged, headers);
            }
        };
    }

    private static ServerInterceptor addsUser() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                return Contexts.interceptCall(Context.current().withValue(USER, headers.get(WHO)), call, headers, next);
            }
        };
    }

    private static ServerInterceptor refuses() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                call.close(Status.RESOURCE_EXHAUSTED.withDescription("too many"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
    }

    /** Adds who is calling, and logs how the call went. */
    private ClientInterceptor clientLog(String name) {
        return new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                log.add(name + " calls " + method.getFullMethodName());
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<R> listener, Metadata headers) {
                        headers.discardAll(WHO);
                        headers.put(WHO, name);
                        super.start(
                                new SimpleForwardingClientCallListener<>(listener) {
                                    @Override
                                    public void onClose(Status status, Metadata trailers) {
                                        log.add(name + " sees " + status.getCode());
                                        super.onClose(status, trailers);
                                    }
                                },
                                headers);
                    }
                };
            }
        };
    }

    @Test
    void shouldRunTheLastAddedFirstAndShowTheStatusToAll() throws IOException {
        SluiceServer server = serveWith(
                s -> s.intercept(addsUser()).intercept(serverLog("inner")).intercept(serverLog("outer")));
        StreamRpcClient client =
                client(of(server), c -> c.intercept(clientLog("near")).intercept(clientLog("far")));
        try (ByteStream stream = client.call(STREAM, NOTHING)) {
            assertThat(stream.inputStream().read()).isEqualTo(-1);
        }
        await().untilAsserted(() -> assertThat(log).contains("near sees OK", "far sees OK"));
        assertThat(log)
                .containsExactly(
                        "far calls test.streamrpc.Test/Stream",
                        "near calls test.streamrpc.Test/Stream",
                        "outer sees test.streamrpc.Test/Stream from near",
                        "inner sees test.streamrpc.Test/Stream from near",
                        "method for near",
                        "inner sees OK",
                        "outer sees OK",
                        "near sees OK",
                        "far sees OK");
    }

    @Test
    void shouldRejectWhatAServerInterceptorRefuses() throws IOException {
        SluiceServer server = serveWith(s -> s.intercept(refuses()).intercept(serverLog("outer")));
        StreamRpcClient client = client(of(server), c -> c.intercept(clientLog("client")));
        assertThatThrownBy(() -> client.call(STREAM, NOTHING))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("rpc error: code = ResourceExhausted desc = too many");
        assertThat(log)
                .containsExactly(
                        "client calls test.streamrpc.Test/Stream",
                        "outer sees test.streamrpc.Test/Stream from client",
                        "outer sees RESOURCE_EXHAUSTED",
                        "client sees RESOURCE_EXHAUSTED");
    }

    @Test
    void shouldRejectWhatAServerInterceptorThrows() throws IOException {
        ServerInterceptor throwing = new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                throw Status.FAILED_PRECONDITION.withDescription("not now").asRuntimeException();
            }
        };
        SluiceServer server = serveWith(s -> s.intercept(throwing));
        assertThatThrownBy(() -> client(of(server)).call(STREAM, NOTHING))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("rpc error: code = FailedPrecondition desc = not now");
        assertThat(log).isEmpty();
    }

    @Test
    void shouldSendNothingWhenAClientInterceptorRefuses() throws IOException {
        SluiceServer server = serveWith(s -> s);
        ClientInterceptor refusing = new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<R> listener, Metadata headers) {
                        throw Status.INVALID_ARGUMENT
                                .withDescription("not like this")
                                .asRuntimeException();
                    }
                };
            }
        };
        assertThatThrownBy(() -> client(of(server), c -> c.intercept(refusing)).call(STREAM, NOTHING))
                .hasMessageContaining("not like this");
        assertThat(server.stats().accepted()).isZero();
    }

    @Test
    void shouldShowClientInterceptorsThatAStreamWasCut() throws IOException {
        SluiceServer server = serve((request, done) -> {
            try {
                StreamRpc.accept();
                done.onError(Status.DATA_LOSS.asRuntimeException());
            } catch (IOException e) {
                done.onError(e);
            }
        });
        StreamRpcClient client = client(of(server), c -> c.intercept(clientLog("client")));
        try (ByteStream stream = client.call(STREAM, NOTHING)) {
            assertThatThrownBy(() -> stream.inputStream().read())
                    .isInstanceOf(TransportException.class)
                    .satisfies(
                            e -> assertThat(((TransportException) e).reason()).isEqualTo(Reason.RESET));
        }
        await().untilAsserted(() -> assertThat(log).contains("client sees UNAVAILABLE"));
    }

    /** The server's yes and the caller's no cross: whoever is first, nobody is left with a connection that has no owner. */
    @Test
    void shouldNotLoseAConnectionThatIsAcceptedWhileItsCallerIsInterrupted() throws Exception {
        SluiceServer server = serve((request, done) -> {
            try {
                ByteStream stream = StreamRpc.accept();
                stream.inputStream().read();
                done.onNext(NOTHING);
                done.onCompleted();
            } catch (IOException e) {
                log.add("client is gone");
                done.onError(e);
            }
        });
        CompletableFuture<Boolean> accepted = new CompletableFuture<>();
        ClientInterceptor late = new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<R> listener, Metadata headers) {
                        super.start(
                                new SimpleForwardingClientCallListener<>(listener) {
                                    @Override
                                    public void onHeaders(Metadata answer) {
                                        accepted.complete(true);
                                    }
                                },
                                headers);
                    }

                    @Override
                    public void halfClose() {
                        Thread.currentThread().interrupt(); // so that the caller gives up as soon as it waits
                    }

                    @Override
                    public void cancel(String message, Throwable cause) {
                        super.halfClose();
                        accepted.join();
                        super.cancel(message, cause);
                    }
                };
            }
        };
        StreamRpcClient client = client(of(server), c -> c.intercept(late).intercept(clientLog("client")));
        FutureTask<ByteStream> call = new FutureTask<>(() -> client.call(STREAM, NOTHING));
        new Thread(call).start();
        assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
                .cause()
                .hasMessage("streamrpc client: the calling thread was interrupted");
        await().untilAsserted(() -> assertThat(log).contains("client is gone"));
    }
}
