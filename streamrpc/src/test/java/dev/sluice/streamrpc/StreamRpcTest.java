package dev.sluice.streamrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.Repository;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StreamRpcTest {
    @TempDir
    static Path directory;

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                Endpoint.tcp("127.0.0.1", 0),
                Endpoint.unix(directory.resolve("s")),
                Endpoint.memory("StreamRpcTest"),
                Endpoint.unixAbstract("StreamRpcTest-" + ProcessHandle.current().pid()));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldEchoWhenAccepted(Endpoint endpoint) throws IOException {
        try (SluiceServer server = serve(endpoint);
                StreamRpcClient client =
                        StreamRpcClient.builder(server.endpoints().get(0)).build()) {
            byte[] sent = new byte[100_000];
            new Random(1).nextBytes(sent);
            for (int i = 0; i < 50; i++) {
                try (ByteStream stream =
                        client.call(TestStreamServiceGrpc.getTestStreamMethod(), request(sent.length))) {
                    stream.outputStream().write(sent);
                    assertThat(stream.inputStream().readAllBytes()).isEqualTo(sent);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void shouldRejectWithTheStatusWhenTheMethodRefuses(Endpoint endpoint) throws IOException {
        try (SluiceServer server = serve(endpoint);
                StreamRpcClient client =
                        StreamRpcClient.builder(server.endpoints().get(0)).build()) {
            assertThatThrownBy(() -> client.call(
                            TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance()))
                    .isInstanceOf(StreamRpcException.class)
                    .hasMessage("rpc error: code = NotFound desc = GetRepoPath: not a git repository");
        }
    }

    private static TestStreamRequest request(long size) {
        return TestStreamRequest.newBuilder()
                .setRepository(Repository.newBuilder().setRelativePath("x.git"))
                .setSize(size)
                .build();
    }

    private static SluiceServer serve(Endpoint endpoint) throws IOException {
        return SluiceServer.builder()
                .listen(endpoint)
                .protocol(StreamRpc.serve(s -> s.addService(new Echo())))
                .start();
    }

    private static final class Echo extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            if (!request.hasRepository()) {
                done.onError(Status.NOT_FOUND
                        .withDescription("GetRepoPath: not a git repository")
                        .asRuntimeException());
                return;
            }
            try {
                ByteStream stream = StreamRpc.accept();
                stream.transferTo(stream, request.getSize());
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }
}
