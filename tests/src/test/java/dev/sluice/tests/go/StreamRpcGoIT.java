package dev.sluice.tests.go;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.proto.gitaly.Repository;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Waiting;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** StreamRPC 00 with Go at the other end, in both roles. The methods are those of the peers' README. */
class StreamRpcGoIT {
    private static final String SERVICE = "sluice.interop.StreamService";
    private static final MethodDescriptor<StringValue, Empty> REJECT =
            method(SERVICE + "/Reject", StringValue.getDefaultInstance());
    private static final MethodDescriptor<Empty, Empty> SILENT =
            method(SERVICE + "/Silent", Empty.getDefaultInstance());
    private static final MethodDescriptor<StringValue, Empty> METADATA =
            method(SERVICE + "/Metadata", StringValue.getDefaultInstance());
    private static final MethodDescriptor<Empty, Empty> UNKNOWN = method("no.such/Method", Empty.getDefaultInstance());

    private static final Metadata.Key<String> KEY = Metadata.Key.of("key", Metadata.ASCII_STRING_MARSHALLER);
    private static final Payload PAYLOAD = new Payload(1, 10_000_000);

    @TempDir
    private Path folder;

    private static <Q extends Message> MethodDescriptor<Q, Empty> method(String fullName, Q request) {
        return InteropMethods.unary(fullName, request, Empty.getDefaultInstance());
    }

    // ---------------------------------------------------------------- Go serves

    @ParameterizedTest
    @EnumSource
    void shouldCallGoServer(Wire wire) throws Exception {
        try (GoPeer server = GoPeers.serving(wire.endpoint(folder));
                StreamRpcClient client =
                        StreamRpcClient.builder(server.endpoint()).build()) {
            echo(client, PAYLOAD);
            echo(client, new Payload(2, 0));

            assertThat(rejection(client, UNKNOWN, Empty.getDefaultInstance()))
                    .isEqualTo("method not found: /no.such/Method");
            assertThat(rejection(client, REJECT, StringValue.of("because of <this> & \u2028 that")))
                    .isEqualTo("because of <this> & \u2028 that");
            assertThat(rejection(client, TestStreamServiceGrpc.getTestStreamMethod(), testStream(0, "missing")))
                    .isEqualTo("rpc error: code = NotFound desc = GetRepoPath: not a git repository: 'missing'");
            StreamRpcException failure = failure(client, SILENT, Empty.getDefaultInstance());
            assertThat(failure).hasMessage("streamrpc client: receive handshake: EOF");
            assertThat(failure.isRejection()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendMetadataToGoServer(Wire wire) throws Exception {
        Metadata values = new Metadata();
        List.of("a", "b", "a").forEach(value -> values.put(KEY, value));
        try (GoPeer server = GoPeers.serving(wire.endpoint(folder));
                StreamRpcClient client = StreamRpcClient.builder(server.endpoint())
                        .intercept(MetadataUtils.newAttachHeadersInterceptor(values))
                        .build();
                ByteStream stream = client.call(METADATA, StringValue.of("key"))) {
            assertThat(stream.inputStream().readAllBytes()).asString().isEqualTo("a\nb\na\n");
        }
    }

    private static TestStreamRequest testStream(long size, String path) {
        return TestStreamRequest.newBuilder()
                .setSize(size)
                .setRepository(Repository.newBuilder().setRelativePath(path))
                .build();
    }

    private static void echo(StreamRpcClient client, Payload payload) throws Exception {
        try (ByteStream stream =
                client.call(TestStreamServiceGrpc.getTestStreamMethod(), testStream(payload.length(), "repository"))) {
            CompletableFuture<String> echoed = Transfers.beside(() -> Transfers.digest(stream));
            Transfers.send(stream, payload);
            assertThat(Waiting.result(echoed)).isEqualTo(Transfers.digest(payload));
        }
    }

    private static <Q> String rejection(StreamRpcClient client, MethodDescriptor<Q, ?> method, Q request) {
        StreamRpcException failure = failure(client, method, request);
        assertThat(failure.isRejection()).as(failure.toString()).isTrue();
        return failure.getMessage();
    }

    private static <Q> StreamRpcException failure(StreamRpcClient client, MethodDescriptor<Q, ?> method, Q request) {
        StreamRpcException failure = catchThrowableOfType(StreamRpcException.class, () -> client.call(method, request));
        assertThat(failure).isNotNull();
        return failure;
    }

    // ---------------------------------------------------------------- Go calls

    @ParameterizedTest
    @EnumSource
    void shouldServeGoClient(Wire wire) throws Exception {
        try (SluiceServer server = SluiceServer.builder()
                        .listen(wire.endpoint(folder))
                        .protocol(StreamRpc.serve(s -> s.intercept(new Headers())
                                .addService(new Echo())
                                .addService(service())))
                        .start();
                GoPeer client = GoPeers.calling(
                        server.endpoints().get(0),
                        "stream-echo 0",
                        "stream-echo 10000000",
                        "stream-short 1000",
                        "stream-missing",
                        "stream-method /no.such/Method",
                        "stream-reject because of <this> & \u2028 that",
                        "stream-silent",
                        "stream-metadata a b a")) {
            List<Map<String, String>> findings = client.findings();

            assertThat(findings)
                    .extracting(f -> f.getOrDefault("rejected", f.getOrDefault("values", "accepted")))
                    .containsExactly(
                            "accepted",
                            "accepted",
                            "accepted",
                            "rpc error: code = NotFound desc = GetRepoPath: not a git repository: 'missing'",
                            "method not found: /no.such/Method",
                            "rpc error: code = Aborted desc = because of <this> & \u2028 that",
                            "streamrpc: the method returned without accepting the stream",
                            "a b a");
        }
    }

    /** As Go's: what comes goes back, and a client that ends early gets what it sent. */
    private static final class Echo extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            String path = request.getRepository().getRelativePath();
            if (path.equals("missing")) {
                done.onError(Status.NOT_FOUND
                        .withDescription("GetRepoPath: not a git repository: '" + path + "'")
                        .asException());
                return;
            }
            finish(done, stream -> stream.transferTo(stream, request.getSize()));
        }
    }

    /** What a method does with its stream. */
    @FunctionalInterface
    private interface Use {
        void of(ByteStream stream) throws IOException;
    }

    private static void finish(StreamObserver<Empty> done, Use use) {
        try {
            use.of(StreamRpc.accept());
            complete(done);
        } catch (IOException e) {
            done.onError(e);
        }
    }

    private static void complete(StreamObserver<Empty> done) {
        done.onNext(Empty.getDefaultInstance());
        done.onCompleted();
    }

    private static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(
                        REJECT,
                        ServerCalls.asyncUnaryCall((text, done) -> done.onError(
                                Status.ABORTED.withDescription(text.getValue()).asException())))
                .addMethod(SILENT, ServerCalls.asyncUnaryCall((nothing, done) -> complete(done)))
                .addMethod(
                        METADATA,
                        ServerCalls.asyncUnaryCall((key, done) -> finish(done, stream -> {
                            for (String value : Headers.values(key.getValue())) {
                                stream.write(ByteBuffer.wrap((value + "\n").getBytes(StandardCharsets.UTF_8)));
                            }
                        })))
                .build();
    }

    /** Lets methods see the metadata. */
    private static final class Headers implements ServerInterceptor {
        private static final Context.Key<Metadata> METADATA = Context.key("metadata");

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return Contexts.interceptCall(Context.current().withValue(METADATA, headers), call, headers, next);
        }

        static Iterable<String> values(String key) {
            return METADATA.get().getAll(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
        }
    }
}
