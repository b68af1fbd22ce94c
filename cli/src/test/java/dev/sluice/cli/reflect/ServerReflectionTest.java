package dev.sluice.cli.reflect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.TimestampProto;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FilesProto;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.registry.MethodRegistry;
import dev.sluice.proto.rpc.RpcProto;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.reflection.v1.FileDescriptorResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against servers that tell of themselves in other ways than gRPC's Java server does. */
class ServerReflectionTest {
    private static final String FILES = "sluice/files/v1/files.proto";
    private static final String STAT = "sluice.files.v1.FileService/Stat";

    private SluiceServer server;
    private ManagedChannel channel;

    @AfterEach
    void stop() {
        if (server != null) {
            channel.shutdownNow();
            server.close();
        }
    }

    private ServerReflection reflectionOf(BindableService... services) throws IOException {
        server = SluiceServer.builder()
                .listen(Endpoint.memory("server-reflection-test"))
                .protocol(Grpc.serve(b -> List.of(services).forEach(b::addService)))
                .start();
        channel = Grpc.channel(server.endpoints().get(0));
        return new ServerReflection(channel);
    }

    /** A server that sends no file along that it was not asked for, as the protocol allows. */
    private static final class Sparse extends ServerReflectionGrpc.ServerReflectionImplBase {
        private final Map<String, FileDescriptorProto> files;
        private final List<String> asked = new ArrayList<>();

        Sparse(Map<String, FileDescriptorProto> files) {
            this.files = files;
        }

        @Override
        public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
                StreamObserver<ServerReflectionResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(ServerReflectionRequest request) {
                    String name = request.hasFileByFilename() ? request.getFileByFilename() : FILES;
                    asked.add(name);
                    FileDescriptorResponse.Builder response = FileDescriptorResponse.newBuilder();
                    if (files.containsKey(name)) {
                        response.addFileDescriptorProto(files.get(name).toByteString());
                    }
                    answers.onNext(ServerReflectionResponse.newBuilder()
                            .setFileDescriptorResponse(response)
                            .build());
                }

                @Override
                public void onError(Throwable failure) {
                    // The client went away.
                }

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    private static Map<String, FileDescriptorProto> filesAndImports() {
        return Map.of(
                FILES,
                FilesProto.getDescriptor().toProto(),
                "google/protobuf/empty.proto",
                EmptyProto.getDescriptor().toProto(),
                "google/protobuf/timestamp.proto",
                TimestampProto.getDescriptor().toProto(),
                "google/protobuf/descriptor.proto",
                DescriptorProto.getDescriptor().getFile().toProto(),
                "lint.proto",
                LintProto.getDescriptor().toProto(),
                "sluice/rpc.proto",
                RpcProto.getDescriptor().toProto());
    }

    @Test
    void shouldAskForImportsWhenTheyAreNotSentAlong() throws IOException {
        Sparse sparse = new Sparse(filesAndImports());

        MethodDescriptor stat = reflectionOf(sparse).method(STAT);

        assertThat(stat.getOutputType()
                        .findFieldByName("modified")
                        .getMessageType()
                        .getFullName())
                .isEqualTo("google.protobuf.Timestamp");
        assertThat(sparse.asked).hasSize(6).doesNotHaveDuplicates();
    }

    @Test
    void shouldTellByteStreamsFromOtherMethods() throws IOException {
        ServerReflection reflection = reflectionOf(new Sparse(filesAndImports()));

        assertThat(isStream(reflection.method(STAT))).isFalse();
        assertThat(isStream(reflection.method("sluice.files.v1.FileService/Get")))
                .isTrue();
    }

    @Test
    void shouldTellEnoughForARegistryOfMethods() throws Exception {
        ServerReflection reflection = reflectionOf(new Sparse(filesAndImports()));

        MethodRegistry registry = MethodRegistry.of(
                List.of(reflection.service("sluice.files.v1.FileService").getFile()));

        assertThat(registry.lookUp("/" + STAT)
                        .group(StatRequest.newBuilder().setStorageName("root").build()))
                .isEqualTo("root");
    }

    private static boolean isStream(MethodDescriptor method) {
        return method.getOptions().getExtension(RpcProto.byteStream);
    }

    private static void assertFails(ThrowingCallable call, Status.Code code, String text) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(text);
        });
    }

    @Test
    void shouldSayWhatIsMissingWhenTheServerDoesNotSendIt() throws IOException {
        FileDescriptorProto files = FilesProto.getDescriptor().toProto();
        ServerReflection reflection = reflectionOf(new Sparse(Map.of(FILES, files)));

        assertFails(() -> reflection.method(STAT), Status.Code.INTERNAL, "does not send google/protobuf/empty.proto");
        assertFails(
                () -> reflection.method("sluice.files.v1.Other/Stat"), Status.Code.NOT_FOUND, "sluice.files.v1.Other");
    }

    @Test
    void shouldGiveUpWhenAFileImportsItself() throws IOException {
        FileDescriptorProto files = FilesProto.getDescriptor().toProto().toBuilder()
                .clearDependency()
                .addDependency(FILES)
                .build();
        ServerReflection reflection = reflectionOf(new Sparse(Map.of(FILES, files)));

        assertFails(() -> reflection.method(STAT), Status.Code.INTERNAL, "imports itself: " + FILES);
    }

    @Test
    void shouldGiveUpWhenAFileIsNone() {
        assertFails(
                () -> new DescribedFiles(name -> List.of(), List.of(ByteString.copyFromUtf8("no file"))),
                Status.Code.INTERNAL,
                "sends a file that cannot be read");
    }

    @Test
    void shouldAskInTheOlderWayWhenTheServerKnowsNoOther() throws IOException {
        ServerReflection reflection = reflectionOf(older(), new HealthStatusManager().getHealthService());

        assertThat(reflection.services()).contains("grpc.health.v1.Health");
        assertThat(reflection
                        .method("grpc.health.v1.Health/Check")
                        .getInputType()
                        .getName())
                .isEqualTo("HealthCheckRequest");
    }

    /** Deprecated, which is the point. */
    @SuppressWarnings("deprecation")
    private static BindableService older() {
        return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
    }

    @Test
    void shouldSayThatThereIsNoReflectionWhenThereIsNone() throws IOException {
        ServerReflection reflection = reflectionOf(new HealthStatusManager().getHealthService());

        assertFails(reflection::services, Status.Code.UNIMPLEMENTED, "grpc.reflection.v1alpha");
    }
}
