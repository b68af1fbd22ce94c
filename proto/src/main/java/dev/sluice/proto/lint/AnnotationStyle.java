package dev.sluice.proto.lint;

import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.Optional;

/** A way in which methods are annotated, with its rules. One thread. */
interface AnnotationStyle {
    /** Returns the first thing that is wrong with the annotations of a method. */
    Optional<String> fault(MethodDescriptor method);

    /** Returns how findings name a method. */
    String name(MethodDescriptor method);
}
