package dev.sluice.proto.internal;

import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sluice.proto.internal.MarkSearch.Expected;
import dev.sluice.proto.internal.MarkSearch.Found;
import dev.sluice.proto.resource.Operation;
import dev.sluice.proto.resource.ResourceProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads the annotations of methods, and says of the first thing that is wrong with them what it is. It remembers what it saw of the
 * requests. One thread.
 */
public final class AnnotationReader {
    private final Map<Vocabulary, Searches> searches = new HashMap<>();

    private record Searches(MarkSearch target, MarkSearch additional, MarkSearch group) {
        static Searches with(Vocabulary vocabulary) {
            Vocabulary.FieldMarks marks = vocabulary.fields();
            Expected locator = new Expected(vocabulary.words().locator(), field -> isLocator(field, vocabulary));
            Expected string = new Expected("string", field -> field.getType() == FieldDescriptor.Type.STRING);
            return new Searches(
                    new MarkSearch(marks.target(), Optional.of(marks.resource()), locator),
                    new MarkSearch(marks.additional(), Optional.of(marks.resource()), locator),
                    new MarkSearch(marks.group(), Optional.empty(), string));
        }

        private static boolean isLocator(FieldDescriptor field, Vocabulary vocabulary) throws AnnotationException {
            return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && vocabulary.locatorFields(field.getMessageType()).isPresent();
        }
    }

    /**
     * Reads what a method is annotated with.
     *
     * @return empty if the proxy itself answers the method
     * @throws AnnotationException if the method is not annotated, or wrongly
     */
    public Optional<AnnotatedMethod> read(MethodDescriptor method) throws AnnotationException {
        Optional<Vocabulary> vocabulary = vocabularyOf(method);
        if (isHandledByProxy(method)) {
            if (vocabulary.isPresent()) {
                throw new AnnotationException("operation type defined on an intercepted method");
            }
            return Optional.empty();
        }
        if (vocabulary.isEmpty()) {
            throw new AnnotationException(
                    "missing " + usualFor(method).methods().operationLabel() + " extension");
        }
        Operation operation = knownOperation(method, vocabulary.get());
        return Optional.of(locate(method, operation, searches.computeIfAbsent(vocabulary.get(), Searches::with)));
    }

    /** Returns what a method does, if it says so, whatever else is wrong with it. */
    public Optional<Operation> operationOf(MethodDescriptor method) throws AnnotationException {
        Optional<Vocabulary> vocabulary = vocabularyOf(method);
        return vocabulary.isEmpty() ? Optional.empty() : Optional.of(operation(method, vocabulary.get()));
    }

    private static Optional<Vocabulary> vocabularyOf(MethodDescriptor method) throws AnnotationException {
        MethodOptions options = KnownOptions.of(method, method.getOptions());
        Optional<Vocabulary> used = Optional.empty();
        for (Vocabulary vocabulary : Vocabulary.ALL) {
            if (options.hasExtension(vocabulary.methods().operation())) {
                if (used.isPresent()) {
                    throw new AnnotationException("both op_type and operation set, one is enough");
                }
                used = Optional.of(vocabulary);
            }
        }
        return used;
    }

    /** Returns what a method that is not annotated would be annotated with, by what its file imports. */
    private static Vocabulary usualFor(MethodDescriptor method) {
        return method.getFile().getDependencies().stream()
                        .anyMatch(file -> file.getFullName()
                                .equals(ResourceProto.getDescriptor().getFullName()))
                ? Vocabulary.GENERIC
                : Vocabulary.GITALY;
    }

    private static boolean isHandledByProxy(MethodDescriptor method) throws AnnotationException {
        MethodOptions own = KnownOptions.of(method, method.getOptions());
        ServiceOptions all =
                KnownOptions.of(method.getService(), method.getService().getOptions());
        for (Vocabulary vocabulary : Vocabulary.ALL) {
            if (own.getExtension(vocabulary.methods().byProxy())
                    || all.getExtension(vocabulary.methods().allByProxy())) {
                return true;
            }
        }
        return false;
    }

    private static Operation operation(MethodDescriptor method, Vocabulary vocabulary) throws AnnotationException {
        Message annotation = KnownOptions.of(method, method.getOptions())
                .getExtension(vocabulary.methods().operation());
        try {
            return Operation.parseFrom(annotation.toByteString()); // of one shape in both
        } catch (InvalidProtocolBufferException e) {
            throw new AnnotationException("the operation cannot be read: " + e.getMessage(), e);
        }
    }

    private static Operation knownOperation(MethodDescriptor method, Vocabulary vocabulary) throws AnnotationException {
        Operation operation = operation(method, vocabulary);
        switch (operation.getEffect()) {
            case EFFECT_UNSPECIFIED ->
                throw new AnnotationException(vocabulary.words().unspecified());
            case UNRECOGNIZED ->
                throw new AnnotationException(
                        "invalid operation class with int32 value of " + operation.getEffectValue());
            default -> {}
        }
        if (operation.getScope() == Operation.Scope.UNRECOGNIZED) {
            throw new AnnotationException("unknown operation scope level " + operation.getScopeValue());
        }
        return operation;
    }

    private static AnnotatedMethod locate(MethodDescriptor method, Operation operation, Searches searches)
            throws AnnotationException {
        Descriptor request = method.getInputType();
        boolean ofResource = operation.getScope() == Operation.Scope.RESOURCE;
        Found targets = searches.target.in(request);
        expect(ofResource ? 1 : 0, targets, searches.target, "fields");
        Found groups = searches.group.in(request);
        expect(ofResource ? 0 : 1, groups, searches.group, "field");
        Found additional = searches.additional.in(request);
        expect(ofResource && !additional.isEmpty() ? 1 : 0, additional, searches.additional, "fields");
        refuseFruitless(targets, searches.target);
        refuseFruitless(additional, searches.additional);
        if (ofResource && additional.paths().equals(targets.paths())) {
            throw new AnnotationException("both " + searches.target.label() + " and " + searches.additional.label()
                    + " label at: " + targets.paths());
        }
        return new AnnotatedMethod(method, operation, only(targets), only(additional), only(groups));
    }

    private static void expect(int count, Found found, MarkSearch search, String fields) throws AnnotationException {
        if (found.paths().size() != count) {
            String paths = found.paths().stream().map(FieldPath::toString).collect(Collectors.joining(" ", "[", "]"));
            throw new AnnotationException("unexpected count of " + search.label() + " " + fields + " "
                    + found.paths().size() + ", expected " + count + ", found " + search.label() + " label at: "
                    + paths);
        }
    }

    private static void refuseFruitless(Found found, MarkSearch search) throws AnnotationException {
        if (!found.fruitless().isEmpty()) {
            throw search.wrongType(found.fruitless().get(0));
        }
    }

    private static Optional<FieldPath> only(Found found) {
        List<FieldPath> paths = found.paths();
        return paths.isEmpty() ? Optional.empty() : Optional.of(paths.get(0));
    }
}
