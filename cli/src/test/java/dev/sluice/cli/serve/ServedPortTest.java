package dev.sluice.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.sluice.cli.files.FileClient;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.cli.interop.Voter;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.proto.interop.CallBackRequest;
import dev.sluice.proto.interop.CallServiceGrpc;
import dev.sluice.proto.interop.EchoRequest;
import dev.sluice.streamrpc.StreamRpcClient;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.channelz.v1.GetTopChannelsRequest;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServedPortTest {
    /** Of the nine characters, as {@code files.proto} says. */
    private static final int CRC32C = 0xe3069283;

    private final Queue<String> intercepted = new ConcurrentLinkedQueue<>();

    @TempDir
    Path root;

    private FileServer files;
    private ServedPort port;
    private SluiceServer server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        Files.writeString(root.resolve("file"), "123456789");
        files = FileServer.of(FileRoot.of(root));
        serve(false);
    }

    private void serve(boolean channelz) throws IOException {
        port = new ServedPort(files, FileRoot.of(root), List.of(new Recorder()), channelz);
        SluiceServer.Builder builder = SluiceServer.builder().listen(Endpoint.memory(root + " " + channelz));
        port.protocols().forEach(builder::protocol);
        server = builder.start();
        channel = Grpc.channel(server.endpoints().get(0));
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
        files.close();
    }

    /** Notes the methods that are called. */
    private final class Recorder implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            intercepted.add(call.getMethodDescriptor().getFullMethodName());
            return next.startCall(call, headers);
        }
    }

    private FileServiceGrpc.FileServiceBlockingStub fileService() {
        return FileServiceGrpc.newBlockingStub(channel);
    }

    private static void assertRefused(ThrowingCallable call, Status.Code code, String text) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(text);
        });
    }

    @Test
    void shouldTellSizeTimeAndChecksumWhenAskedOverGrpc() {
        StatResponse plain =
                fileService().stat(StatRequest.newBuilder().setPath("file").build());
        StatResponse full = fileService()
                .stat(StatRequest.newBuilder().setPath("file").setChecksum(true).build());

        assertThat(plain.getSize()).isEqualTo(9);
        assertThat(plain.hasModified()).isTrue();
        assertThat(plain.hasCrc32C()).isFalse();
        assertThat(full.getCrc32C()).isEqualTo(CRC32C);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseOverGrpcWithTheCodesOfTheService(boolean checksum) {
        StatRequest.Builder request = StatRequest.newBuilder().setChecksum(checksum);

        assertRefused(
                () -> fileService().stat(request.setPath("nope").build()),
                Status.Code.NOT_FOUND,
                "no such file: 'nope'");
        assertRefused(
                () -> fileService().stat(request.setPath("../x").build()),
                Status.Code.INVALID_ARGUMENT,
                "not a path within the root");
        assertRefused(
                () -> fileService().stat(request.setStorageName("other").build()),
                Status.Code.NOT_FOUND,
                "no such root: 'other'");
    }

    @Test
    void shouldNameStreamRpcWhenAStreamIsCalledOverGrpc() {
        String text = "is a byte stream, which gRPC does not carry: call it by StreamRPC";

        assertRefused(() -> fileService().get(GetRequest.getDefaultInstance()), Status.Code.UNIMPLEMENTED, text);
        assertRefused(() -> fileService().put(PutRequest.getDefaultInstance()), Status.Code.UNIMPLEMENTED, text);
        assertRefused(
                () -> TestStreamServiceGrpc.newBlockingStub(channel).testStream(TestStreamRequest.getDefaultInstance()),
                Status.Code.UNIMPLEMENTED,
                text);
    }

    @Test
    void shouldRunTheSameInterceptorsBeforeCallsOfBothKinds() throws IOException {
        fileService().stat(StatRequest.newBuilder().setPath("file").build());
        try (StreamRpcClient calls =
                        StreamRpcClient.builder(server.endpoints().get(0)).build();
                FileClient client = new FileClient(calls)) {
            assertThat(client.stat("file", true).getCrc32C()).isEqualTo(CRC32C);
        }

        assertThat(intercepted).containsExactly("sluice.files.v1.FileService/Stat", "sluice.files.v1.FileService/Stat");
    }

    @Test
    void shouldInterceptStreamsBeforeTheyAreRefusedOverGrpc() {
        assertThatThrownBy(() -> fileService().get(GetRequest.getDefaultInstance()))
                .isInstanceOf(StatusRuntimeException.class);

        assertThat(intercepted).containsExactly("sluice.files.v1.FileService/Get");
    }

    private static String callBack(Channel channel) {
        return CallServiceGrpc.newBlockingStub(channel)
                .callBack(CallBackRequest.newBuilder().setQuestion("x").build())
                .getAnswer();
    }

    /** Calls and is called back as a client with these services of its own. */
    private String callBack(List<BindableService> offered) {
        Endpoint endpoint = Backchannel.client(
                server.endpoints().get(0), () -> List.of(Grpc.serve(b -> offered.forEach(b::addService))));
        ManagedChannel callable = Grpc.channel(endpoint);
        try {
            return callBack(callable);
        } finally {
            callable.shutdownNow();
        }
    }

    @Test
    void shouldAskTheCallerForItsVote() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();

        assertThat(callBack(List.of(new Voter("somebody", asked::add)))).isEqualTo("somebody votes on x");
        assertThat(asked).containsExactly("x");
        assertThat(intercepted).containsExactly("sluice.interop.CallService/CallBack");
    }

    @Test
    void shouldSayWhyACallerCannotVote() {
        assertThat(callBack(channel)).isEqualTo("non-multiplexed connection");
        assertRefused(() -> callBack(List.of()), Status.Code.UNIMPLEMENTED, "sluice.interop.VoteService/Vote");
    }

    @Test
    void shouldEchoAMessage() {
        ByteString payload = ByteString.copyFromUtf8("echo");
        EchoRequest request = EchoRequest.newBuilder().setPayload(payload).build();

        assertThat(CallServiceGrpc.newBlockingStub(channel).echo(request).getPayload())
                .isEqualTo(payload);
    }

    @Test
    void shouldOfferChannelzOnlyWhenItIsWanted() throws IOException {
        GetTopChannelsRequest request = GetTopChannelsRequest.getDefaultInstance();
        assertThatThrownBy(() -> ChannelzGrpc.newBlockingStub(channel).getTopChannels(request))
                .hasMessageStartingWith("UNIMPLEMENTED");
        stop();
        serve(true);

        assertThat(ChannelzGrpc.newBlockingStub(channel).getTopChannels(request).getChannelCount())
                .isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "sluice.files.v1.FileService", "gitaly.TestStreamService", "sluice.interop.CallService"})
    void shouldServeUntilItStops(String service) {
        Queue<ServingStatus> seen = new ConcurrentLinkedQueue<>();
        Context.CancellableContext watching = Context.current().withCancellation();
        watching.run(() -> HealthGrpc.newStub(channel)
                .watch(HealthCheckRequest.newBuilder().setService(service).build(), new Statuses(seen)));
        await().until(() -> seen.contains(ServingStatus.SERVING));

        port.stopping();

        await().until(() -> seen.contains(ServingStatus.NOT_SERVING));
        watching.cancel(null);
        assertThat(seen).containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
    }

    /** Collects what a watcher of the health hears. */
    private record Statuses(Queue<ServingStatus> seen) implements StreamObserver<HealthCheckResponse> {
        @Override
        public void onNext(HealthCheckResponse response) {
            seen.add(response.getStatus());
        }

        @Override
        public void onError(Throwable failure) {
            // The watcher has cancelled.
        }

        @Override
        public void onCompleted() {
            // A watch does not end by itself.
        }
    }
}
