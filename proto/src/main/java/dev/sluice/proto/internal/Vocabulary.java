package dev.sluice.proto.internal;

import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.GeneratedMessage.GeneratedExtension;
import com.google.protobuf.Message;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.resource.LocatorFields;
import dev.sluice.proto.resource.ResourceProto;
import java.util.List;
import java.util.Optional;

/** One of the two sets of options that say the same: those of {@code lint.proto} and those of {@code sluice/resource.proto}. Immutable. */
final class Vocabulary {
    private static final LocatorFields REPOSITORY_FIELDS = LocatorFields.newBuilder()
            .setGroup("storage_name")
            .setKey("relative_path")
            .build();

    /** Gitaly's: the resource is a gitaly.Repository, its group a storage. */
    static final Vocabulary GITALY = new Vocabulary(
            new MethodMarks(LintProto.opType, LintProto.intercepted, LintProto.interceptedMethod),
            new FieldMarks(
                    new Mark(LintProto.targetRepository),
                    new Mark(LintProto.additionalRepository),
                    new Mark(LintProto.repository),
                    new Mark(LintProto.storage)),
            new Words("op set to UNKNOWN", ".gitaly.Repository"),
            false);

    /** For resources of any kind: a locator is a message that says so. */
    static final Vocabulary GENERIC = new Vocabulary(
            new MethodMarks(ResourceProto.operation, ResourceProto.allHandledByProxy, ResourceProto.handledByProxy),
            new FieldMarks(
                    new Mark(ResourceProto.target),
                    new Mark(ResourceProto.additionalTarget),
                    new Mark(ResourceProto.resource),
                    new Mark(ResourceProto.group)),
            new Words("effect set to EFFECT_UNSPECIFIED", "a message with (sluice.locator)"),
            true);

    static final List<Vocabulary> ALL = List.of(GITALY, GENERIC);

    private final MethodMarks methods;
    private final FieldMarks fields;
    private final Words words;
    private final boolean markedLocators;

    private Vocabulary(MethodMarks methods, FieldMarks fields, Words words, boolean markedLocators) {
        this.methods = methods;
        this.fields = fields;
        this.words = words;
        this.markedLocators = markedLocators;
    }

    /**
     * The options of methods and services.
     *
     * @param operation a message of the shape of {@code sluice.Operation}
     */
    record MethodMarks(
            GeneratedExtension<MethodOptions, ? extends Message> operation,
            GeneratedExtension<ServiceOptions, Boolean> allByProxy,
            GeneratedExtension<MethodOptions, Boolean> byProxy) {
        String operationLabel() {
            return operation.getDescriptor().getName();
        }
    }

    /** The labels of fields. */
    record FieldMarks(Mark target, Mark additional, Mark resource, Mark group) {}

    /**
     * What findings say.
     *
     * @param unspecified of an operation that has no effect
     * @param locator of what a target's type should have been
     */
    record Words(String unspecified, String locator) {}

    MethodMarks methods() {
        return methods;
    }

    FieldMarks fields() {
        return fields;
    }

    Words words() {
        return words;
    }

    /** Returns the names of the fields that make a message a locator; empty if it is none. */
    Optional<LocatorFields> locatorFields(Descriptor message) throws AnnotationException {
        if (markedLocators) {
            MessageOptions options = KnownOptions.of(message, message.getOptions());
            if (options.hasExtension(ResourceProto.locator)) {
                return Optional.of(options.getExtension(ResourceProto.locator));
            }
        }
        return message.getFullName().equals("gitaly.Repository") ? Optional.of(REPOSITORY_FIELDS) : Optional.empty();
    }
}
