package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls there and back, whatever drives the connections of both ends' servers. */
@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class BackchannelTest extends BackchannelFixture {
    @ParameterizedTest
    @EnumSource
    void shouldCallBackWithinACall(Wire wire) throws Exception {
        ManagedChannel channel = channel(answering(serve(wire, BackchannelFixture::callBack), "client"));
        assertThat(call(channel, "hello")).isEqualTo("1:client says hello");
        assertThat(call(channel, "again")).as("over the same session").isEqualTo("1:client says again");
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeClientsWithoutSessionWhenOnTheSamePort(Wire wire) throws Exception {
        Endpoint endpoint = serve(wire, BackchannelFixture::callBack);
        assertThatThrownBy(() -> call(channel(endpoint), "hello"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("FAILED_PRECONDITION: non-multiplexed connection");
        assertThat(call(channel(answering(endpoint, "client")), "hello")).isEqualTo("1:client says hello");
    }

    @Test
    void shouldReachTheServerOfItsOwnClientWhenThereAreMany() throws Exception {
        AtomicInteger intercepted = new AtomicInteger();
        ClientInterceptor counting = new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                intercepted.incrementAndGet();
                return next.newCall(method, options);
            }
        };
        Endpoint endpoint = serve(
                Wire.TCP, Backchannel.serve(peers, YamuxConfig.defaults(), b -> b.intercept(counting)), request -> {
                    try {
                        return callBack(request);
                    } catch (NonMultiplexedException e) {
                        return e.getMessage();
                    }
                });
        ExecutorService callers = Executors.newCachedThreadPool();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int client = 0; client < 25; client++) {
            for (Channel channel : List.of(channel(answering(endpoint, "client " + client)), channel(endpoint))) {
                for (int call = 0; call < 2; call++) {
                    answers.add(CompletableFuture.supplyAsync(() -> call(channel, "x"), callers));
                }
            }
        }
        List<String> expected = new ArrayList<>();
        for (int client = 0; client < 25; client++) {
            expected.addAll(List.of("client " + client + " says x", "client " + client + " says x"));
            expected.addAll(List.of("non-multiplexed connection", "non-multiplexed connection"));
        }
        List<String> actual = new ArrayList<>();
        for (CompletableFuture<String> answer : answers) {
            actual.add(answer.get(30, TimeUnit.SECONDS).replaceFirst("^[0-9]+:", ""));
        }
        callers.shutdown();
        assertThat(actual).containsExactlyElementsOf(expected);
        assertThat(intercepted).as("calls back").hasValue(50);
        assertThat(peers.peers()).hasSize(25);
    }

    @Test
    void shouldForgetAPeerWhenItsSessionHasEnded() throws Exception {
        ManagedChannel channel = channel(answering(serve(Wire.TCP, BackchannelFixture::callBack), "client"));
        call(channel, "hello");
        Peer peer = peers.peer(1);
        channel.shutdown();
        await().until(() -> peers.peers().isEmpty());
        assertThatThrownBy(() -> peers.peer(1))
                .isInstanceOf(TransportException.class)
                .hasMessage("no backchannel for peer 1");
        assertThatThrownBy(() -> call(peer.channel(), "late"))
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                    assertThat(e.getStatus().getDescription()).startsWith("no backchannel for peer 1: ");
                });
    }

    @ParameterizedTest
    @EnumSource
    void shouldKnowTheCallerOfAStreamAndCarryTheStream(Wire wire) throws Exception {
        server = start(
                listening(wire),
                serve(b -> b.addService(EchoService.definition())),
                StreamRpc.serve(s -> s.addService(new TestStreamServiceGrpc.TestStreamServiceImplBase() {
                    @Override
                    public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
                        try {
                            String said = callBack("hello");
                            StreamRpc.accept().outputStream().write(said.getBytes(StandardCharsets.UTF_8));
                            done.onCompleted();
                        } catch (IOException e) {
                            done.onError(e);
                        }
                    }
                })),
                Backchannel.serve(peers));
        try (StreamRpcClient client = StreamRpcClient.builder(answering(reaching(wire, server), "client"))
                        .group(group)
                        .build();
                ByteStream stream = client.call(
                        TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance())) {
            assertThat(stream.inputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("1:client says hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayToCredentialsWhetherTheConnectionIsPrivateBothWays(Wire wire) throws Exception {
        Levels there = new Levels();
        Levels back = new Levels();
        Endpoint endpoint = serve(wire, request -> {
            ClientCalls.blockingUnaryCall(
                    Peer.current().channel(), UNARY, CallOptions.DEFAULT.withCallCredentials(back), new byte[0]);
            return request;
        });
        ClientCalls.blockingUnaryCall(
                channel(answering(endpoint, "client")),
                UNARY,
                CallOptions.DEFAULT.withCallCredentials(there),
                new byte[0]);
        SecurityLevel expected = wire == Wire.TLS || wire == Wire.TLS_OVER_UNIX
                ? SecurityLevel.PRIVACY_AND_INTEGRITY
                : SecurityLevel.NONE;
        assertThat(there.seen).containsExactly(expected);
        assertThat(back.seen).containsExactly(expected);
    }

    /** Asks how private the connection is, and says nothing. */
    private static final class Levels extends CallCredentials {
        private final List<SecurityLevel> seen = new CopyOnWriteArrayList<>();

        @Override
        public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
            seen.add(call.getSecurityLevel());
            applier.apply(new Metadata());
        }
    }

    @Test
    void shouldSayThatTheSupplierIsAtFaultWhenItMakesNoProtocol() throws Exception {
        Endpoint endpoint = Backchannel.client(serve(Wire.TCP, request -> request), List::of);
        assertThatThrownBy(() -> call(channel(endpoint), "hello"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("the supplier given to Backchannel.client")
                .hasMessageContaining("at least one protocol");
    }

    @Test
    void shouldThrowWhenThereIsNoCall() {
        assertThatThrownBy(Peer::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no peer info in context");
    }
}
