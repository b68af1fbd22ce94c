package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** gRPC's credentials, unchanged (docs/protocols.md, section 2). */
class CredentialsTest extends RpcFixture {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private SluiceServer server;

    @BeforeEach
    void start() throws IOException {
        server = serve(
                s -> s.addService(service((request, done) -> {
                            try {
                                StreamRpc.accept();
                                done.onNext(NOTHING);
                                done.onCompleted();
                            } catch (IOException e) {
                                done.onError(e);
                            }
                        }))
                        .intercept(authorizationRequired()),
                Endpoint.tcp("127.0.0.1", 0));
    }

    private ServerInterceptor authorizationRequired() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                Iterable<String> values = headers.getAll(AUTHORIZATION);
                if (values == null) {
                    call.close(Status.UNAUTHENTICATED.withDescription("authentication required"), new Metadata());
                    return new ServerCall.Listener<>() {};
                }
                values.forEach(authorizations::add);
                return next.startCall(call, headers);
            }
        };
    }

    /** Credentials that answer as the test says. */
    private static CallCredentials credentials(Consumer<CallCredentials.MetadataApplier> answer) {
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
                answer.accept(applier);
            }
        };
    }

    private static Metadata authorization(String value) {
        Metadata metadata = new Metadata();
        metadata.put(AUTHORIZATION, value);
        return metadata;
    }

    private StreamRpcClient client() {
        return client(server.endpoints().get(0));
    }

    private static CallOptions with(CallCredentials credentials) {
        return CallOptions.DEFAULT.withCallCredentials(credentials);
    }

    @Test
    void shouldBeRejectedByAnAuthInterceptorWithoutCredentials() {
        assertThatThrownBy(() -> client().call(STREAM, NOTHING))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("rpc error: code = Unauthenticated desc = authentication required")
                .satisfies(e ->
                        assertThat(((StreamRpcException) e).status().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
    }

    @Test
    void shouldSendWhatTheCredentialsOfTheClientAdd() throws IOException {
        client(
                        server.endpoints().get(0),
                        c -> c.credentials(credentials(applier -> applier.apply(authorization("Bearer x")))))
                .call(STREAM, NOTHING)
                .close();
        assertThat(authorizations).containsExactly("Bearer x");
    }

    @Test
    void shouldAskTheCredentialsAfterTheInterceptors() throws IOException {
        List<String> order = new CopyOnWriteArrayList<>();
        ClientInterceptor interceptor = new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<R> listener, Metadata headers) {
                        order.add("interceptor sees " + headers.keys());
                        super.start(listener, headers);
                    }
                };
            }
        };
        CallCredentials credentials = credentials(applier -> {
            order.add("credentials");
            applier.apply(authorization("Bearer y"));
        });
        client(server.endpoints().get(0), c -> c.intercept(interceptor))
                .call(STREAM, NOTHING, with(credentials))
                .close();
        assertThat(order).containsExactly("interceptor sees []", "credentials");
        assertThat(authorizations).containsExactly("Bearer y");
    }

    @Test
    void shouldSayWhyTheCredentialsFailed() {
        CallCredentials failing =
                credentials(applier -> applier.fail(Status.UNAUTHENTICATED.withDescription("token expired")));
        assertThatThrownBy(() -> client().call(STREAM, NOTHING, with(failing)))
                .isInstanceOf(StreamRpcException.class)
                .hasMessageStartingWith("streamrpc client: add credentials: ")
                .hasMessageContaining("token expired")
                .satisfies(e ->
                        assertThat(((StreamRpcException) e).status().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
    }

    @Test
    void shouldFailTheCallWhenTheCredentialsThrow() {
        CallCredentials throwing = credentials(applier -> {
            throw new IllegalStateException("no token");
        });
        assertThatThrownBy(() -> client().call(STREAM, NOTHING, with(throwing)))
                .isInstanceOf(StreamRpcException.class)
                .hasMessageStartingWith("streamrpc client: add credentials: ")
                .hasRootCauseMessage("no token");
    }

    @Test
    void shouldDialOnlyOnceWhenTheCredentialsAnswerTwice() throws IOException {
        CallCredentials twice = credentials(applier -> {
            applier.apply(authorization("Bearer z"));
            applier.apply(authorization("Bearer again"));
            applier.fail(Status.ABORTED);
        });
        client().call(STREAM, NOTHING, with(twice)).close();
        assertThat(authorizations).containsExactly("Bearer z");
        assertThat(server.stats().accepted()).isEqualTo(1);
    }

    @Test
    void shouldTakeAnAnswerFromAnotherThread() throws Exception {
        CallCredentials later =
                credentials(applier -> new Thread(() -> applier.apply(authorization("Bearer later"))).start());
        client().call(STREAM, NOTHING, with(later)).close();
        assertThat(authorizations).containsExactly("Bearer later");
    }

    @Test
    void shouldGiveUpWhenTheCredentialsNeverAnswer() throws Exception {
        CompletableFuture<CallCredentials.MetadataApplier> asked = new CompletableFuture<>();
        StreamRpcClient client = client();
        CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(
                () -> catchThrowable(() -> client.call(STREAM, NOTHING, with(credentials(asked::complete)))), THREADS);
        asked.get(20, TimeUnit.SECONDS);
        await().until(() -> {
            pass(HANDSHAKE_TIMEOUT); // again if its time had not begun
            return failure.isDone();
        });
        assertThat(failure.get(20, TimeUnit.SECONDS))
                .isInstanceOf(StreamRpcException.class)
                .hasMessage("streamrpc client: add credentials: i/o timeout");
        asked.get().apply(authorization("Bearer too late"));
        client.call(STREAM, NOTHING, with(credentials(applier -> applier.apply(authorization("Bearer next")))))
                .close();
        assertThat(authorizations).containsExactly("Bearer next");
        assertThat(server.stats().accepted()).isEqualTo(1);
    }
}
