package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sluice.proto.resource.Operation;
import java.util.Optional;

/**
 * What a method's annotations say, found right. Immutable.
 *
 * @param operation with an effect and a scope that are known
 * @param target the locator, if the scope is RESOURCE
 * @param additional a second locator; none if the scope is GROUP
 * @param group the string, if the scope is GROUP
 */
public record AnnotatedMethod(
        MethodDescriptor method,
        Operation operation,
        Optional<FieldPath> target,
        Optional<FieldPath> additional,
        Optional<FieldPath> group) {}
