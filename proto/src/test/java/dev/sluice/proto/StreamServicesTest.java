package dev.sluice.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Empty;
import com.google.protobuf.GeneratedMessage.GeneratedExtension;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.FilesProto;
import dev.sluice.proto.files.v1.StatResponse;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.gitaly.OperationMsg;
import dev.sluice.proto.gitaly.OperationMsg.Operation;
import dev.sluice.proto.gitaly.OperationMsg.Scope;
import dev.sluice.proto.gitaly.Repository;
import dev.sluice.proto.gitaly.TestStreamProto;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.proto.rpc.RpcProto;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServiceDescriptor;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a StreamRPC server and a proxy read from the services: names, shape and annotations. */
class StreamServicesTest {
    @Test
    void shouldNameMethodsAsOnTheWire() {
        assertEquals(
                Set.of("gitaly.TestStreamService/TestStream"), fullNames(TestStreamServiceGrpc.getServiceDescriptor()));
        assertEquals(
                Set.of(
                        "sluice.files.v1.FileService/Get",
                        "sluice.files.v1.FileService/Put",
                        "sluice.files.v1.FileService/Stat"),
                fullNames(FileServiceGrpc.getServiceDescriptor()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void shouldBeUnaryAndReturnEmptyWhenItIsOnlyAStream(MethodDescriptor method) {
        boolean stream = method.getOptions().getExtension(RpcProto.byteStream);

        assertEquals(stream ? Empty.getDescriptor() : StatResponse.getDescriptor(), method.getOutputType());
        assertEquals(MethodType.UNARY, grpcMethod(method).getType());
    }

    @Test
    void shouldBeAMessageOverGrpcWhenTheResultIsOne() {
        assertEquals(
                List.of("sluice.files.v1.FileService.Stat"),
                methods()
                        .filter(method -> !method.getOptions().getExtension(RpcProto.byteStream))
                        .map(MethodDescriptor::getFullName)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "gitaly.TestStreamService.TestStream, ACCESSOR, REPOSITORY, repository",
        "sluice.files.v1.FileService.Get,     ACCESSOR, STORAGE,    storage_name",
        "sluice.files.v1.FileService.Put,     MUTATOR,  STORAGE,    storage_name",
        "sluice.files.v1.FileService.Stat,    ACCESSOR, STORAGE,    storage_name",
    })
    void shouldSayWhatItDoesToWhichResource(String name, Operation op, Scope scope, String resource) {
        MethodDescriptor method =
                methods().filter(m -> m.getFullName().equals(name)).findFirst().orElseThrow();
        OperationMsg opType = method.getOptions().getExtension(LintProto.opType);

        assertEquals(op, opType.getOp());
        assertEquals(scope, opType.getScopeLevel());
        boolean repositoryScope = scope == Scope.REPOSITORY;
        assertEquals(repositoryScope ? List.of(resource) : List.of(), marked(method, LintProto.targetRepository));
        assertEquals(repositoryScope ? List.of() : List.of(resource), marked(method, LintProto.storage));
    }

    @ParameterizedTest
    @CsvSource({
        "gitaly.TestStreamService.TestStream, fa9728 02 0802 809e28 01",
        "sluice.files.v1.FileService.Get,     fa9728 04 0802 1002 809e28 01",
        "sluice.files.v1.FileService.Put,     fa9728 04 0801 1002 809e28 01",
        "sluice.files.v1.FileService.Stat,    fa9728 04 0802 1002",
    })
    void shouldEncodeAnnotation(String name, String golden) {
        MethodDescriptor method =
                methods().filter(m -> m.getFullName().equals(name)).findFirst().orElseThrow();

        assertEquals(
                golden.replace(" ", ""),
                HexFormat.of().formatHex(method.getOptions().toByteArray()));
    }

    @Test
    void shouldMarkFieldsOfTheTypeThatTheMarkMeans() {
        FieldDescriptor repository = TestStreamRequest.getDescriptor().findFieldByName("repository");

        assertEquals(Repository.getDescriptor(), repository.getMessageType());
        assertEquals("gitaly.Repository", repository.getMessageType().getFullName());
        for (Descriptor message : FilesProto.getDescriptor().getMessageTypes()) {
            for (FieldDescriptor field : message.getFields()) {
                if (field.getOptions().getExtension(LintProto.storage)) {
                    assertEquals(FieldDescriptor.Type.STRING, field.getType(), field.getFullName());
                }
            }
        }
    }

    @Test
    void shouldEncodeTestStreamRequest() {
        TestStreamRequest request = TestStreamRequest.newBuilder()
                .setRepository(Repository.newBuilder().setStorageName("default").setRelativePath("a.git"))
                .setSize(1 << 20)
                .build();

        assertEquals(
                "0a10" + "120764656661756c74" + "1a05612e676974" + "10808040",
                HexFormat.of().formatHex(request.toByteArray()));
    }

    private static Stream<MethodDescriptor> methods() {
        return Stream.of(TestStreamProto.getDescriptor(), FilesProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .flatMap(service -> service.getMethods().stream());
    }

    private static io.grpc.MethodDescriptor<?, ?> grpcMethod(MethodDescriptor method) {
        String fullName = method.getService().getFullName() + "/" + method.getName();
        return Stream.of(TestStreamServiceGrpc.getServiceDescriptor(), FileServiceGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .filter(candidate -> candidate.getFullMethodName().equals(fullName))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> fullNames(ServiceDescriptor service) {
        return service.getMethods().stream()
                .map(io.grpc.MethodDescriptor::getFullMethodName)
                .collect(Collectors.toSet());
    }

    private static List<String> marked(MethodDescriptor method, GeneratedExtension<FieldOptions, Boolean> mark) {
        return method.getInputType().getFields().stream()
                .filter(field -> field.getOptions().getExtension(mark))
                .map(FieldDescriptor::getName)
                .toList();
    }
}
