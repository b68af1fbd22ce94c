package dev.sluice.proto.lint;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.UnknownFieldSet;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.gitaly.OperationMsg;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.KnownOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The field that a method works on is named by its path, {@code target_repository_field: "1.2"}, as Gitaly did until 2020. Our own
 * {@code gitaly.OperationMsg} has that field no more.
 */
final class PathStyle implements AnnotationStyle {
    private static final int PATH_FIELD = 3;
    private static final int SERVER_SCOPE = 1;
    private static final String TARGET_TYPE = ".gitaly.Repository";

    /** Returns whether files come with the annotations of that time. */
    static boolean isUsedIn(List<FileDescriptor> files) {
        return files.stream()
                .filter(file -> file.getPackage().equals("gitaly"))
                .map(file -> file.findMessageTypeByName("OperationMsg"))
                .anyMatch(message -> message != null && message.findFieldByNumber(PATH_FIELD) != null);
    }

    @Override
    public Optional<String> fault(MethodDescriptor method) {
        try {
            check(method);
            return Optional.empty();
        } catch (AnnotationException | Fault e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public String name(MethodDescriptor method) {
        return "Method \"" + method.getName() + "\"";
    }

    private static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message);
        }
    }

    private static void check(MethodDescriptor method) throws AnnotationException, Fault {
        var options = KnownOptions.of(method, method.getOptions());
        if (!options.hasExtension(LintProto.opType)) {
            throw new Fault("missing op_type option");
        }
        OperationMsg operation = options.getExtension(LintProto.opType);
        switch (operation.getOp()) {
            case UNKNOWN -> throw new Fault("op set to UNKNOWN");
            case MUTATOR, ACCESSOR -> checkScope(method, operation.getScopeLevelValue(), path(operation));
            default -> throw new Fault("invalid operation class with int32 value of " + operation.getOpValue());
        }
    }

    private static String path(OperationMsg operation) {
        UnknownFieldSet.Field values = operation.getUnknownFields().getField(PATH_FIELD);
        return values.getLengthDelimitedList().stream()
                .reduce((first, last) -> last)
                .map(bytes -> bytes.toString(StandardCharsets.UTF_8))
                .orElse("");
    }

    private static void checkScope(MethodDescriptor method, int scope, String path) throws Fault {
        switch (scope) {
            case OperationMsg.Scope.REPOSITORY_VALUE -> checkTarget(method.getInputType(), path);
            case SERVER_SCOPE -> refusePath("server", path);
            case OperationMsg.Scope.STORAGE_VALUE -> refusePath("storage", path);
            default -> throw new Fault("unknown operation scope level " + scope);
        }
    }

    private static void refusePath(String scope, String path) throws Fault {
        if (!path.isEmpty()) {
            throw new Fault(scope + " level scoped RPC should not specify target repo");
        }
    }

    private static void checkTarget(Descriptor request, String path) throws Fault {
        if (path.isEmpty()) {
            throw new Fault("missing target repository field");
        }
        List<Integer> numbers = numbers(path);
        String written = numbers.stream().map(String::valueOf).collect(Collectors.joining(" ", "[", "]"));
        Descriptor message = request;
        for (int i = 0; i < numbers.size(); i++) {
            FieldDescriptor field = message.findFieldByNumber(numbers.get(i));
            if (field == null) {
                throw new Fault("target repo OID " + written + " does not exist in request message");
            }
            boolean isMessage = field.getType() == FieldDescriptor.Type.MESSAGE;
            if (i == numbers.size() - 1) {
                String type = isMessage ? "." + field.getMessageType().getFullName() : typeName(field);
                if (!type.equals(TARGET_TYPE)) {
                    throw new Fault("unexpected type " + type + " (expected " + TARGET_TYPE
                            + ") for target repo field addressed by " + written);
                }
            } else if (!isMessage) {
                throw new Fault("expected " + (i + 1) + "-th field of OID " + written + " to be TYPE_MESSAGE, but got "
                        + typeName(field));
            } else {
                message = field.getMessageType();
            }
        }
    }

    private static String typeName(FieldDescriptor field) {
        return field.getType().toProto().name();
    }

    private static List<Integer> numbers(String path) throws Fault {
        List<Integer> numbers = new ArrayList<>();
        for (String part : path.split("\\.", -1)) {
            int number;
            try {
                number = Integer.parseInt(part);
            } catch (NumberFormatException e) {
                throw new Fault("unable to parse target field OID " + path + ": strconv.Atoi: parsing \"" + part
                        + "\": invalid syntax");
            }
            if (number < 1) {
                throw new Fault("zero is an invalid field number");
            }
            numbers.add(number);
        }
        return numbers;
    }
}
