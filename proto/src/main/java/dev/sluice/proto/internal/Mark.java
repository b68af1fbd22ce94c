package dev.sluice.proto.internal;

import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.GeneratedMessage.GeneratedExtension;

/** An option that labels fields. Immutable. */
record Mark(GeneratedExtension<FieldOptions, Boolean> option) {
    /** Returns the label, as in {@code target_repository}. */
    String label() {
        return option.getDescriptor().getName();
    }

    boolean isOn(FieldDescriptor field) throws AnnotationException {
        return KnownOptions.of(field, field.getOptions()).getExtension(option);
    }
}
