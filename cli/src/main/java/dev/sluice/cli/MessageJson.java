package dev.sluice.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;

/** Messages of one type, in protobuf's JSON mapping. Immutable. */
final class MessageJson {
    private final Descriptor type;
    /** For what stands in a google.protobuf.Any. */
    private final JsonFormat.TypeRegistry types;

    MessageJson(Descriptor type) {
        this.type = type;
        this.types = JsonFormat.TypeRegistry.newBuilder().add(type).build();
    }

    /** Returns the encoded message. */
    byte[] encode(String json) throws CommandFailure {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        try {
            JsonFormat.parser().usingTypeRegistry(types).merge(json, message);
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure("the message is not a " + type.getFullName() + " in JSON: " + e.getMessage(), e);
        }
        return message.build().toByteArray();
    }

    /** Returns an encoded message as a person reads it. */
    String show(byte[] message) throws CommandFailure {
        try {
            return JsonFormat.printer().usingTypeRegistry(types).print(DynamicMessage.parseFrom(type, message));
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure(
                    "the server's answer cannot be shown as a " + type.getFullName() + " in JSON: " + e.getMessage(),
                    e);
        }
    }
}
