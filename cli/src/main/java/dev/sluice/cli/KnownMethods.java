package dev.sluice.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.Optional;

/** The methods whose request messages this command knows, so that they can be written as JSON. */
final class KnownMethods {
    private static final List<ServiceDescriptor> SERVICES =
            List.of(FileServiceGrpc.getServiceDescriptor(), TestStreamServiceGrpc.getServiceDescriptor());

    private KnownMethods() {}

    /** Returns the full names, in order. */
    static List<String> names() {
        return SERVICES.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName)
                .sorted()
                .toList();
    }

    /**
     * Returns the encoded request of a method.
     *
     * @param method full name without leading slash
     * @param json by protobuf's JSON mapping
     * @return empty if the method is not known
     */
    static Optional<byte[]> encode(String method, String json) throws CommandFailure {
        Optional<Message> prototype = SERVICES.stream()
                .flatMap(service -> service.getMethods().stream())
                .filter(known -> known.getFullMethodName().equals(method))
                .findFirst()
                .map(KnownMethods::prototypeOf);
        return prototype.isPresent() ? Optional.of(encode(prototype.get(), json)) : Optional.empty();
    }

    private static Message prototypeOf(MethodDescriptor<?, ?> method) {
        return (Message)
                ((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
    }

    private static byte[] encode(Message prototype, String json) throws CommandFailure {
        Message.Builder message = prototype.newBuilderForType();
        try {
            JsonFormat.parser().merge(json, message);
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure(
                    "the message is not a " + prototype.getDescriptorForType().getFullName() + " in JSON: "
                            + e.getMessage(),
                    e);
        }
        return message.build().toByteArray();
    }
}
