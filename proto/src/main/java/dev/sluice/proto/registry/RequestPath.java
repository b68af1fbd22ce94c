package dev.sluice.proto.registry;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.sluice.proto.internal.FieldPath;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The way to one field of a request. It goes by field numbers: the request may be of generated code, or of another copy of the same
 * descriptor. Immutable.
 */
final class RequestPath {
    private final FieldPath path;

    RequestPath(FieldPath path) {
        this.path = path;
    }

    /** Returns the value of the field; a message that is not there is a failure, a string is empty then. */
    Object read(Message request) throws StatusException {
        checkType(request);
        List<FieldDescriptor> fields = path.fields();
        Message message = request;
        for (FieldDescriptor known : fields.subList(0, fields.size() - 1)) {
            FieldDescriptor field = require(message, known);
            if (!message.hasField(field)) {
                throw invalid("unable to descend OID " + path.numbers() + " into message "
                        + path.message().getFullName() + ": proto field is empty");
            }
            message = (Message) message.getField(field);
        }
        FieldDescriptor field = require(message, path.last());
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !message.hasField(field)) {
            throw invalid("empty " + field.getMessageType().getName());
        }
        return message.getField(field);
    }

    /** Returns a copy of the request in which the field has another value. */
    <M extends Message> M change(M request, UnaryOperator<Object> change) throws StatusException {
        read(request); // so that nothing is made on the way that is not there
        @SuppressWarnings("unchecked") // a message's builder builds what the message is
        M changed = (M) change(request, 0, change);
        return changed;
    }

    private Message change(Message message, int depth, UnaryOperator<Object> change) {
        FieldDescriptor field = same(message, path.fields().get(depth));
        Object old = message.getField(field);
        boolean isLast = depth == path.fields().size() - 1;
        Object changed = isLast ? change.apply(old) : change((Message) old, depth + 1, change);
        return message.toBuilder().setField(field, changed).buildPartial();
    }

    private void checkType(Message request) {
        String actual = request.getDescriptorForType().getFullName();
        String expected = path.message().getFullName();
        if (!actual.equals(expected)) {
            throw new IllegalArgumentException(
                    "proto message " + actual + " does not match expected RPC request message " + expected);
        }
    }

    private static FieldDescriptor require(Message message, FieldDescriptor known) throws StatusException {
        FieldDescriptor field = same(message, known);
        if (field.getRealContainingOneof() != null && !message.hasField(field)) {
            throw invalid("unable to find protobuf field " + field.getNumber() + " in message "
                    + message.getDescriptorForType().getFullName());
        }
        return field;
    }

    /** Returns the field of a message that the registry knows by another descriptor. */
    static FieldDescriptor same(Message message, FieldDescriptor known) {
        Descriptor type = message.getDescriptorForType();
        FieldDescriptor field = type.findFieldByNumber(known.getNumber());
        if (field == null || field.getType() != known.getType() || field.isRepeated()) {
            throw new IllegalArgumentException(
                    "this " + type.getFullName() + " is not the one that the registry knows: field " + known.getNumber()
                            + " is not a single " + known.getType());
        }
        return field;
    }

    private static StatusException invalid(String text) {
        return Status.INVALID_ARGUMENT.withDescription(text).asException();
    }
}
