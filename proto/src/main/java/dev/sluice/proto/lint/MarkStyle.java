package dev.sluice.proto.lint;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.AnnotationReader;
import java.util.Optional;

/** The fields that a method works on are marked. */
final class MarkStyle implements AnnotationStyle {
    private final AnnotationReader reader = new AnnotationReader();

    @Override
    public Optional<String> fault(MethodDescriptor method) {
        try {
            reader.read(method);
            return Optional.empty();
        } catch (AnnotationException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public String name(MethodDescriptor method) {
        return Elements.name(method);
    }
}
