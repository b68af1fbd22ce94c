package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.sluice.proto.resource.LocatorFields;
import java.util.Optional;

/**
 * A message that names a resource, by two of its fields. Immutable.
 *
 * @param group a single string
 * @param key a single string
 */
public record LocatorType(FieldDescriptor group, FieldDescriptor key) {
    /**
     * Returns what makes a message a locator; empty if it is none.
     *
     * @throws AnnotationException if it is marked as one, and has no such fields
     */
    public static Optional<LocatorType> of(Descriptor message) throws AnnotationException {
        Optional<LocatorFields> fields = Vocabulary.GENERIC.locatorFields(message);
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        LocatorFields names = fields.get();
        return Optional.of(new LocatorType(single(message, names.getGroup()), single(message, names.getKey())));
    }

    private static FieldDescriptor single(Descriptor message, String name) throws AnnotationException {
        FieldDescriptor field = message.findFieldByName(name);
        if (field == null || field.getType() != FieldDescriptor.Type.STRING || field.isRepeated()) {
            throw new AnnotationException(
                    "a locator's group and key are single string fields, and none is called \"" + name + "\"");
        }
        return field;
    }
}
