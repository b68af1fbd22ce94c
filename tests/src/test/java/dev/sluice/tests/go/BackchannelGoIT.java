package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.NonMultiplexedException;
import dev.sluice.grpc.Peer;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.UnaryMethod;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that call their clients back, with Go at the other end, in both roles. The methods are those of the peers' README. */
class BackchannelGoIT extends GrpcGoFixture {
    private static final int CLIENTS = 25;
    /** A question that voters do not answer. */
    private static final String PONDERED = "";

    private static final String NON_MULTIPLEXED = "non-multiplexed connection";

    private final PeerRegistry peers = new PeerRegistry();

    private static ListenableFuture<StringValue> ask(
            Channel channel, MethodDescriptor<StringValue, StringValue> method, String question) {
        return ClientCalls.futureUnaryCall(channel.newCall(method, limited()), StringValue.of(question));
    }

    private static String answer(ListenableFuture<StringValue> asked) throws Exception {
        return asked.get().getValue();
    }

    private static void assertUnavailable(ListenableFuture<StringValue> asked) {
        assertThatThrownBy(asked::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    // ---------------------------------------------------------------- Go serves

    /** A client's vote, for each of its connections. */
    private static final class Voter {
        /** Done when {@link #PONDERED} was asked, and when who asked does not wait for the answer any more. */
        final CompletableFuture<Void> pondering = new CompletableFuture<>();

        final CompletableFuture<Void> cancelled = new CompletableFuture<>();
        private final String name;

        Voter(String name) {
            this.name = name;
        }

        List<Protocol> protocols() {
            return List.of(Grpc.serve(b -> b.addService(ServerServiceDefinition.builder(InteropMethods.VOTE_SERVICE)
                    .addMethod(InteropMethods.VOTE, ServerCalls.asyncUnaryCall(this::vote))
                    .build())));
        }

        private void vote(StringValue question, StreamObserver<StringValue> answers) {
            if (question.getValue().equals(PONDERED)) {
                ((ServerCallStreamObserver<StringValue>) answers).setOnCancelHandler(() -> cancelled.complete(null));
                pondering.complete(null);
                return;
            }
            answers.onNext(StringValue.of(name + " votes on " + question.getValue()));
            answers.onCompleted();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeCalledBackByGoServer(Wire wire) throws Exception {
        try (GoPeer go = GoPeers.serving(wire.endpoint(folder))) {
            Endpoint endpoint = go.endpoint();
            List<ListenableFuture<StringValue>> asked = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Voter voter = new Voter("client " + i);
                Channel multiplexed = channel(Backchannel.client(endpoint, voter::protocols));
                Channel plain = channel(endpoint);
                for (String question : List.of("one", "two")) {
                    asked.add(ask(multiplexed, InteropMethods.CALL_BACK, question));
                    expected.add(voter.name + " votes on " + question);
                    asked.add(ask(plain, InteropMethods.CALL_BACK, question));
                    expected.add(NON_MULTIPLEXED);
                }
            }
            for (int i = 0; i < asked.size(); i++) {
                assertThat(answer(asked.get(i))).isEqualTo(expected.get(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCallGoServerWithinASession(Wire wire) throws Exception {
        try (GoPeer go = GoPeers.serving(wire.endpoint(folder))) {
            Channel channel = channel(Backchannel.client(go.endpoint(), new Voter("client")::protocols));

            assertThat(ClientCalls.blockingUnaryCall(
                                    channel,
                                    HealthGrpc.getCheckMethod(),
                                    limited(),
                                    HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            BytesValue bytes = BytesValue.of(ByteString.copyFrom(new Payload(1, 1_000_000).bytes()));
            assertThat(ClientCalls.blockingUnaryCall(channel, InteropMethods.ECHO, limited(), bytes))
                    .isEqualTo(bytes);
        }
    }

    @Test
    void shouldFailCallsWhenGoServerIsKilledAndCallTheNext() throws Exception {
        Endpoint endpoint = Wire.UNIX.endpoint(folder);
        Voter voter = new Voter("client");
        Channel channel = channel(Backchannel.client(endpoint, voter::protocols));
        try (GoPeer go = GoPeers.serving(endpoint)) {
            go.endpoint();
            ListenableFuture<StringValue> asked = ask(channel, InteropMethods.CALL_BACK, PONDERED);
            Waiting.result(voter.pondering);
            go.kill();

            assertUnavailable(asked);
            Waiting.result(voter.cancelled);
        }
        try (GoPeer next = GoPeers.serving(endpoint)) {
            next.endpoint();
            CallOptions patient = limited().withWaitForReady(); // it may have looked for a server while there was none
            StringValue vote =
                    ClientCalls.blockingUnaryCall(channel, InteropMethods.CALL_BACK, patient, StringValue.of("again"));
            assertThat(vote.getValue()).isEqualTo("client votes on again");
        }
    }

    @Test
    void shouldFailCallsWhenGoTakesTheMagicForGarbage() throws Exception {
        try (GoPeer go =
                GoPeers.start("yamux", "-listen", Wire.TCP.endpoint(folder).toString())) {
            assertUnavailable(ask(
                    channel(Backchannel.client(go.endpoint(), new Voter("client")::protocols)),
                    InteropMethods.CALL_BACK,
                    "anything"));
            assertThat(go.finding()).containsEntry("event", "closed");
        }
    }

    // ---------------------------------------------------------------- Go calls

    private SluiceServer server(
            Endpoint endpoint,
            YamuxConfig config,
            ClientInterceptor interceptor,
            UnaryMethod<StringValue, StringValue> callBack)
            throws Exception {
        return SluiceServer.builder()
                .group(group)
                .listen(endpoint)
                .protocol(Grpc.serve(b -> b.addService(new HealthStatusManager().getHealthService())
                        .addService(ServerServiceDefinition.builder(InteropMethods.CALL_SERVICE)
                                .addMethod(InteropMethods.ECHO, ServerCalls.asyncUnaryCall((bytes, answers) -> {
                                    answers.onNext(bytes);
                                    answers.onCompleted();
                                }))
                                .addMethod(InteropMethods.CALL_BACK, ServerCalls.asyncUnaryCall(callBack))
                                .build())))
                .protocol(Backchannel.serve(peers, config, b -> b.intercept(interceptor)))
                .start();
    }

    private static void callBack(StringValue question, StreamObserver<StringValue> answers) {
        try {
            answers.onNext(
                    ClientCalls.blockingUnaryCall(Peer.current().channel(), InteropMethods.VOTE, limited(), question));
        } catch (NonMultiplexedException e) {
            answers.onNext(StringValue.of(e.getMessage()));
        }
        answers.onCompleted();
    }

    /** Counts calls. Thread-safe. */
    private static final class Counting implements ClientInterceptor {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            calls.incrementAndGet();
            return next.newCall(method, options);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCallBackGoClients(Wire wire) throws Exception {
        Counting back = new Counting();
        try (SluiceServer server =
                        server(wire.endpoint(folder), YamuxConfig.defaults(), back, BackchannelGoIT::callBack);
                GoPeer go =
                        GoPeers.calling(server.endpoints().get(0), "health", "echo 1000000", "backchannel 25 25 2")) {
            assertThat(go.findings())
                    .containsExactly(
                            Map.of("scenario", "health", "status", "SERVING"),
                            Map.of("scenario", "echo 1000000"),
                            Map.of("scenario", "backchannel 25 25 2", "calls", "100", "votes", "50"));

            assertThat(back.calls).as("calls back").hasValue(50);
            Waiting.until("all clients have left", () -> peers.peers().isEmpty());
        }
    }

    @Test
    void shouldFailCallsToAGoClientThatIsKilled() throws Exception {
        CompletableFuture<Peer> called = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        UnaryMethod<StringValue, StringValue> unanswered = (question, answers) -> {
            ((ServerCallStreamObserver<StringValue>) answers).setOnCancelHandler(() -> cancelled.complete(null));
            called.complete(currentPeer());
        };
        try (SluiceServer server =
                        server(Wire.TCP.endpoint(folder), YamuxConfig.defaults(), new Counting(), unanswered);
                GoPeer go = GoPeers.calling(server.endpoints().get(0), "backchannel 1 0 1")) {
            Channel back = Waiting.result(called).channel();
            assertThat(answer(ask(back, InteropMethods.VOTE, "this"))).isEqualTo("client 0 votes on this");
            ListenableFuture<StringValue> asked = ask(back, InteropMethods.VOTE, PONDERED);
            go.kill();

            assertUnavailable(asked);
            Waiting.result(cancelled);
            Waiting.until("the client has left", () -> peers.peers().isEmpty());
            assertUnavailable(ask(back, InteropMethods.VOTE, "that"));
        }
    }

    private static Peer currentPeer() {
        try {
            return Peer.current();
        } catch (NonMultiplexedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldEndGoClientsThatSendGarbageAndServeTheOthers() throws Exception {
        try (SluiceServer server = server(
                        Wire.TCP.endpoint(folder), YamuxConfig.defaults(), new Counting(), BackchannelGoIT::callBack);
                GoPeer go = GoPeers.calling(server.endpoints().get(0), "garbage", "backchannel 1 0 1")) {
            assertThat(go.findings())
                    .containsExactly(
                            Map.of(
                                    "scenario",
                                    "garbage",
                                    "answer",
                                    "000300000000000000000001"), // GoAway: protocol error
                            Map.of("scenario", "backchannel 1 0 1", "calls", "1", "votes", "1"));
        }
    }

    // ---------------------------------------------------------------- both

    /** With an accept backlog of one, as Gitaly's sessions had it. */
    @Test
    void shouldCallBackWhenBothHaveGitalysSettings() throws Exception {
        YamuxConfig config = Backchannel.gitalySettings();
        try (SluiceServer server =
                        server(Wire.TCP.endpoint(folder), config, new Counting(), BackchannelGoIT::callBack);
                GoPeer client = GoPeers.calling(server.endpoints().get(0), "-backlog", "1", "backchannel 3 3 2")) {
            assertThat(client.findings())
                    .containsExactly(Map.of("scenario", "backchannel 3 3 2", "calls", "12", "votes", "6"));
        }
        try (GoPeer go = GoPeers.serving(Wire.TCP.endpoint(folder), "-backlog", "1")) {
            Channel channel = channel(Backchannel.client(go.endpoint(), config, new Voter("client")::protocols));
            assertThat(answer(ask(channel, InteropMethods.CALL_BACK, "this"))).isEqualTo("client votes on this");
        }
    }
}
