package dev.sluice.cli;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The methods that this command knows without asking the server. */
final class KnownMethods {
    private static final List<ServiceDescriptor> SERVICES =
            List.of(FileServiceGrpc.getServiceDescriptor(), TestStreamServiceGrpc.getServiceDescriptor());

    private KnownMethods() {}

    /** Returns the full names, in order. */
    static List<String> names() {
        return all().map(io.grpc.MethodDescriptor::getFullMethodName).sorted().toList();
    }

    /** @param name full name without leading slash */
    static Optional<MethodDescriptor> find(String name) {
        return all().filter(method -> method.getFullMethodName().equals(name))
                .findFirst()
                .map(KnownMethods::descriptorOf);
    }

    private static Stream<io.grpc.MethodDescriptor<?, ?>> all() {
        return SERVICES.stream().flatMap(service -> service.getMethods().stream());
    }

    private static MethodDescriptor descriptorOf(io.grpc.MethodDescriptor<?, ?> method) {
        Object schema = Objects.requireNonNull(method.getSchemaDescriptor(), "generated code has it");
        return ((ProtoMethodDescriptorSupplier) schema).getMethodDescriptor();
    }
}
