package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The way from a message to a field in it or below it. Immutable.
 *
 * @param fields from the outermost to the field itself
 */
public record FieldPath(Descriptor message, List<FieldDescriptor> fields) {
    public FieldPath {
        fields = List.copyOf(fields);
    }

    static FieldPath to(Descriptor message) {
        return new FieldPath(message, List.of());
    }

    FieldPath then(FieldDescriptor field) {
        List<FieldDescriptor> longer = new ArrayList<>(fields);
        longer.add(field);
        return new FieldPath(message, longer);
    }

    /** Returns the field that the path ends at. */
    public FieldDescriptor last() {
        return fields.get(fields.size() - 1);
    }

    /** Returns the field numbers, as in {@code [1 2]}. */
    public String numbers() {
        return fields.stream()
                .map(field -> Integer.toString(field.getNumber()))
                .collect(Collectors.joining(" ", "[", "]"));
    }

    /** Returns the type of the last field, as it is written: {@code int32}, {@code repeated .test.Item}. */
    public String type() {
        return typeOf(last());
    }

    private static String typeOf(FieldDescriptor field) {
        if (field.isMapField()) {
            Descriptor entry = field.getMessageType();
            return "map<" + typeOf(entry.findFieldByNumber(1)) + ", " + typeOf(entry.findFieldByNumber(2)) + ">";
        }
        String type = switch (field.getJavaType()) {
            case MESSAGE -> "." + field.getMessageType().getFullName();
            case ENUM -> "." + field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
        return field.isRepeated() ? "repeated " + type : type;
    }

    /** Returns the names, as in {@code Request.header.repository}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(message.getName());
        fields.forEach(field -> text.append('.').append(field.getName()));
        return text.toString();
    }
}
