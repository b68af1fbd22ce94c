package dev.sluice.proto.registry;

import com.google.protobuf.Message;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.FieldPath;
import dev.sluice.proto.internal.LocatorType;
import dev.sluice.proto.resource.Locator;
import io.grpc.StatusException;

/**
 * The way to a locator in a request. Immutable.
 *
 * @param path to the message that is the locator
 */
record LocatorPath(RequestPath path, LocatorType type) {
    static LocatorPath to(FieldPath path) throws AnnotationException {
        LocatorType type = LocatorType.of(path.last().getMessageType())
                .orElseThrow(() -> new IllegalStateException(path + " was found to be a locator"));
        return new LocatorPath(new RequestPath(path), type);
    }

    Locator read(Message request) throws StatusException {
        Message locator = (Message) path.read(request);
        return Locator.newBuilder()
                .setGroup((String) locator.getField(RequestPath.same(locator, type.group())))
                .setKey((String) locator.getField(RequestPath.same(locator, type.key())))
                .build();
    }

    /** Returns a copy of the request with another locator; what else the message says of the resource it goes on to say. */
    <M extends Message> M write(M request, Locator locator) throws StatusException {
        return path.change(request, old -> {
            Message message = (Message) old;
            return message.toBuilder()
                    .setField(RequestPath.same(message, type.group()), locator.getGroup())
                    .setField(RequestPath.same(message, type.key()), locator.getKey())
                    .buildPartial();
        });
    }
}
