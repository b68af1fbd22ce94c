package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.grpc.Sidechannel;
import dev.sluice.grpc.SidechannelCallback;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.grpc.UnusedSidechannelException;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.yamux.YamuxConfig;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sidechannels with Go at the other end, in both roles. The methods are those of the peers' README. */
class SidechannelGoIT extends GrpcGoFixture {
    private static final long BULK_BYTES = 64L << 20;
    private static final Empty NOTHING = Empty.getDefaultInstance();

    private final SidechannelRegistry sidechannels = new SidechannelRegistry();

    @AfterEach
    void leaveNobodyWaiting() {
        assertThat(sidechannels.waiting()).isZero();
    }

    // ---------------------------------------------------------------- Go serves

    private Channel multiplexed(Endpoint endpoint, YamuxConfig config) {
        return channel(Backchannel.client(endpoint, config, () -> List.of(sidechannels)));
    }

    private static <Q, A> A call(Channel channel, MethodDescriptor<Q, A> method, Q request) {
        return ClientCalls.blockingUnaryCall(channel, method, limited(), request);
    }

    /** Makes a call that offers a sidechannel, and waits for that. */
    private <Q, A> A call(Channel channel, MethodDescriptor<Q, A> method, Q request, SidechannelCallback callback)
            throws IOException {
        try (SidechannelWaiter waiter = sidechannels.register(callback)) {
            return call(ClientInterceptors.intercept(channel, waiter), method, request);
        }
    }

    private void digest(Channel channel, Payload payload) throws IOException {
        String expected = Transfers.digest(payload);
        StringValue answer = call(channel, InteropMethods.SIDECHANNEL_DIGEST, NOTHING, stream -> {
            Transfers.send(stream, payload);
            stream.shutdownOutput();
            assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo(expected);
        });
        assertThat(answer.getValue()).isEqualTo(expected);
    }

    private void echo(Channel channel, Payload payload) throws IOException {
        call(channel, InteropMethods.SIDECHANNEL_ECHO, NOTHING, stream -> {
            CompletableFuture<String> echoed = Transfers.beside(() -> Transfers.digest(stream));
            Transfers.send(stream, payload);
            stream.shutdownOutput();
            assertThat(Waiting.result(echoed)).isEqualTo(Transfers.digest(payload));
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldStreamToGoServer(Wire wire) throws Exception {
        try (GoPeer go = GoPeers.serving(wire.endpoint(folder))) {
            Channel channel = multiplexed(go.endpoint(), YamuxConfig.defaults());
            digest(channel, new Payload(1, 0));
            digest(channel, new Payload(2, BULK_BYTES));
            echo(channel, new Payload(3, 0));
            echo(channel, new Payload(4, BULK_BYTES));
        }
    }

    @Test
    void shouldTellThatGoServerOpenedNone() throws Exception {
        try (GoPeer go = GoPeers.serving(Wire.TCP.endpoint(folder))) {
            Channel channel = multiplexed(go.endpoint(), YamuxConfig.defaults());
            SidechannelWaiter waiter = sidechannels.register(stream -> {});
            call(ClientInterceptors.intercept(channel, waiter), InteropMethods.SIDECHANNEL_UNUSED, NOTHING);

            assertThatThrownBy(waiter::close).isInstanceOf(UnusedSidechannelException.class);
        }
    }

    @Test
    void shouldGetTheStatusOfGoServerBesideTheEndOfItsStream() throws Exception {
        try (GoPeer go = GoPeers.serving(Wire.TCP.endpoint(folder))) {
            Channel channel = multiplexed(go.endpoint(), YamuxConfig.defaults());
            CompletableFuture<byte[]> read = new CompletableFuture<>();

            assertThatThrownBy(() -> call(
                            channel,
                            InteropMethods.SIDECHANNEL_FAIL,
                            StringValue.of("out of paper"),
                            stream -> read.complete(stream.inputStream().readAllBytes())))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessage("ABORTED: out of paper")
                    .hasNoSuppressedExceptions();
            assertThat(Waiting.result(read)).isEmpty();
        }
    }

    @Test
    void shouldBeToldByGoServerWhyItOpensNone() throws Exception {
        try (GoPeer go = GoPeers.serving(Wire.TCP.endpoint(folder))) {
            Endpoint endpoint = go.endpoint();
            Channel plain = channel(endpoint);
            Channel multiplexed = multiplexed(endpoint, YamuxConfig.defaults());

            assertThatThrownBy(() -> call(multiplexed, InteropMethods.SIDECHANNEL_ECHO, NOTHING))
                    .hasMessage("FAILED_PRECONDITION: sidechannel: sidechannel-id not found in incoming metadata");
            assertThatThrownBy(() -> call(plain, InteropMethods.SIDECHANNEL_ECHO, NOTHING, stream -> {}))
                    .hasMessage("FAILED_PRECONDITION: sidechannel: fail to extract yamux session: "
                            + "non-multiplexed connection");
        }
    }

    @Test
    void shouldFailTheCallbackWhenGoServerIsKilled() throws Exception {
        try (GoPeer go = GoPeers.serving(Wire.UNIX.endpoint(folder))) {
            Channel channel = multiplexed(go.endpoint(), YamuxConfig.defaults());
            CompletableFuture<Void> opened = new CompletableFuture<>();
            CompletableFuture<StringValue> called =
                    Transfers.beside(() -> call(channel, InteropMethods.SIDECHANNEL_DIGEST, NOTHING, stream -> {
                        opened.complete(null);
                        stream.inputStream().readAllBytes();
                    }));
            Waiting.result(opened);
            go.kill();

            assertThatThrownBy(() -> Waiting.result(called)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getSuppressed())
                        .as("what the callback's reader saw")
                        .singleElement()
                        .isInstanceOf(TransportException.class);
            });
        }
    }

    // ---------------------------------------------------------------- Go calls

    private SluiceServer server(Endpoint endpoint, YamuxConfig config, Use<StringValue> digest) throws Exception {
        return SluiceServer.builder()
                .group(group)
                .listen(endpoint)
                .protocol(Grpc.serve(b -> b.addService(service(digest))))
                .protocol(Backchannel.serve(new PeerRegistry(), config, b -> {}))
                .start();
    }

    private static ServerServiceDefinition service(Use<StringValue> digest) {
        return ServerServiceDefinition.builder(InteropMethods.CALL_SERVICE)
                .addMethod(
                        InteropMethods.SIDECHANNEL_DIGEST,
                        ServerCalls.asyncUnaryCall((nothing, answers) -> answer(answers, digest)))
                .addMethod(
                        InteropMethods.SIDECHANNEL_ECHO,
                        ServerCalls.asyncUnaryCall((nothing, answers) -> answer(answers, stream -> {
                            stream.transferTo(stream, Long.MAX_VALUE);
                            return nothing;
                        })))
                .addMethod(InteropMethods.SIDECHANNEL_UNUSED, ServerCalls.asyncUnaryCall((nothing, answers) -> {
                    answers.onNext(nothing);
                    answers.onCompleted();
                }))
                .addMethod(
                        InteropMethods.SIDECHANNEL_FAIL,
                        ServerCalls.asyncUnaryCall((text, answers) -> answer(answers, stream -> {
                            throw Status.ABORTED
                                    .withDescription(text.getValue())
                                    .asRuntimeException();
                        })))
                .build();
    }

    /** What a method does with its sidechannel, and what it answers. */
    @FunctionalInterface
    private interface Use<A> {
        A of(ByteStream stream) throws IOException;
    }

    private static <A> void answer(StreamObserver<A> answers, Use<A> use) {
        try {
            try (ByteStream stream = Sidechannel.open()) {
                answers.onNext(use.of(stream));
            }
            answers.onCompleted();
        } catch (IOException | StatusRuntimeException e) {
            answers.onError(e);
        }
    }

    private static StringValue digest(ByteStream stream) throws IOException {
        String text = Transfers.digest(stream);
        stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        return StringValue.of(text);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStreamToGoClient(Wire wire) throws Exception {
        List<String> scenarios = List.of(
                "sidechannel-digest 0",
                "sidechannel-digest " + BULK_BYTES,
                "sidechannel-echo 0",
                "sidechannel-echo " + BULK_BYTES,
                "sidechannel-unused",
                "sidechannel-fail out of paper");
        try (SluiceServer server = server(wire.endpoint(folder), YamuxConfig.defaults(), SidechannelGoIT::digest);
                GoPeer go = GoPeers.calling(server.endpoints().get(0), scenarios.toArray(String[]::new))) {
            List<Map<String, String>> findings = go.findings();

            assertThat(findings).extracting(f -> f.get("scenario")).isEqualTo(scenarios);
            assertThat(findings)
                    .contains(
                            Map.of(
                                    "scenario",
                                    "sidechannel-unused",
                                    "waiter",
                                    "sidechannel: callback de-registered without having run"),
                            Map.of(
                                    "scenario",
                                    "sidechannel-fail out of paper",
                                    "code",
                                    "Aborted",
                                    "text",
                                    "out of paper"));
        }
    }

    @Test
    void shouldFailTheReaderWhenGoClientIsKilled() throws Exception {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        CompletableFuture<Void> killed = new CompletableFuture<>();
        CompletableFuture<String> read = new CompletableFuture<>();
        Use<StringValue> digest = stream -> {
            opened.complete(null);
            killed.join(); // until then the client cannot send more than the window
            try {
                read.complete(Transfers.digest(stream));
            } catch (IOException e) {
                read.completeExceptionally(e);
            }
            return StringValue.getDefaultInstance();
        };
        try (SluiceServer server = server(Wire.TCP.endpoint(folder), YamuxConfig.defaults(), digest);
                GoPeer go = GoPeers.calling(server.endpoints().get(0), "sidechannel-digest " + BULK_BYTES)) {
            Waiting.result(opened);
            go.kill();
            killed.complete(null);

            assertThatThrownBy(() -> Waiting.result(read)).isInstanceOf(TransportException.class);
        }
    }

    // ---------------------------------------------------------------- both

    /** With an accept backlog of one, as Gitaly's sessions had it. */
    @Test
    void shouldStreamWhenBothHaveGitalysSettings() throws Exception {
        YamuxConfig config = Backchannel.gitalySettings();
        try (SluiceServer server = server(Wire.TCP.endpoint(folder), config, SidechannelGoIT::digest);
                GoPeer go = GoPeers.calling(
                        server.endpoints().get(0),
                        "-backlog",
                        "1",
                        "sidechannel-digest 1000000",
                        "sidechannel-echo 1000000")) {
            assertThat(go.findings()).hasSize(2);
        }
        try (GoPeer go = GoPeers.serving(Wire.TCP.endpoint(folder), "-backlog", "1")) {
            Channel channel = multiplexed(go.endpoint(), config);
            digest(channel, new Payload(5, 1_000_000));
            echo(channel, new Payload(6, 1_000_000));
        }
    }
}
