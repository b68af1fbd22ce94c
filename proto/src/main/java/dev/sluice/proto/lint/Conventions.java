package dev.sluice.proto.lint;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.AnnotationReader;
import dev.sluice.proto.internal.KnownOptions;
import dev.sluice.proto.resource.Operation;
import dev.sluice.proto.rpc.RpcProto;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How methods and messages are named and shaped, which is a matter of convention. One thread. */
final class Conventions {
    private static final Pattern VERB = Pattern.compile("(Get|List|Is|Create|Update|Delete)(?![a-z]).*");
    private static final Set<String> READING = Set.of("Get", "List", "Is");
    private static final Set<Operation.Effect> KNOWN =
            EnumSet.of(Operation.Effect.READ, Operation.Effect.WRITE, Operation.Effect.MAINTENANCE);

    private final LintSettings settings;
    private final AnnotationReader annotations = new AnnotationReader();

    Conventions(LintSettings settings) {
        this.settings = settings;
    }

    List<Finding> lint(FileDescriptor file) {
        return new InFile(file).findings();
    }

    private final class InFile {
        private final FileDescriptor file;
        private final List<Finding> findings = new ArrayList<>();

        InFile(FileDescriptor file) {
            this.file = file;
        }

        List<Finding> findings() {
            Set<Descriptor> streamed = new LinkedHashSet<>();
            for (MethodDescriptor method : Elements.methods(file)) {
                names(method);
                verb(method);
                if (method.isClientStreaming()) {
                    streamed.add(method.getInputType());
                }
                if (method.isServerStreaming()) {
                    streamed.add(method.getOutputType());
                }
            }
            streamed.forEach(this::headerAndData);
            comments();
            return findings;
        }

        private void add(Rule rule, String element, String reason) {
            Severity severity = settings.severity(rule);
            if (severity != Severity.OFF) {
                findings.add(new Finding(rule, severity, file.getName(), element, reason));
            }
        }

        private void names(MethodDescriptor method) {
            name(Rule.REQUEST_NAME, method, method.getInputType(), "Request");
            if (!isByteStream(method)) {
                name(Rule.RESPONSE_NAME, method, method.getOutputType(), "Response");
            }
        }

        private void name(Rule rule, MethodDescriptor method, Descriptor message, String suffix) {
            String expected = method.getName() + suffix;
            if (!message.getName().equals(expected)) {
                add(
                        rule,
                        Elements.name(method),
                        "its " + suffix.toLowerCase(Locale.ROOT) + " is called " + message.getName() + ", expected "
                                + expected);
            }
        }

        private void verb(MethodDescriptor method) {
            Matcher matcher = VERB.matcher(method.getName());
            if (!matcher.matches()) {
                return;
            }
            String verb = matcher.group(1);
            boolean reads = READING.contains(verb);
            if (effect(method)
                    .filter(effect -> effect != (reads ? Operation.Effect.READ : Operation.Effect.WRITE))
                    .isPresent()) {
                add(
                        Rule.VERB_EFFECT,
                        Elements.name(method),
                        "what is called " + verb
                                + (reads
                                        ? " only reads, expected ACCESSOR or READ"
                                        : " changes something, expected MUTATOR or WRITE"));
            }
            if (verb.equals("List") && !method.isServerStreaming()) {
                add(Rule.LIST_STREAM, Elements.name(method), "what is called List streams its response");
            }
            if (verb.equals("Is") && !isOneBool(method.getOutputType())) {
                add(Rule.IS_BOOL, Elements.name(method), "what is called Is answers with one bool");
            }
        }

        private void headerAndData(Descriptor message) {
            FieldDescriptor header = message.findFieldByName("header");
            FieldDescriptor data = message.findFieldByName("data");
            if (header == null || data == null) {
                return;
            }
            OneofDescriptor oneof = header.getRealContainingOneof();
            if (oneof == null
                    || oneof != data.getRealContainingOneof()
                    || header.getJavaType() != FieldDescriptor.JavaType.MESSAGE
                    || data.getType() != FieldDescriptor.Type.BYTES) {
                add(
                        Rule.HEADER_DATA,
                        Elements.name(message),
                        "header, a message, and data, bytes, belong into one oneof of a streamed message");
            }
        }

        private void comments() {
            Comments comments = Comments.of(file);
            if (!comments.areKnown()) {
                return;
            }
            for (MethodDescriptor method : Elements.methods(file)) {
                uncommented(comments.has(method), Elements.name(method));
            }
            for (Descriptor message : Elements.messages(file)) {
                uncommented(comments.has(message), Elements.name(message));
                for (FieldDescriptor field : message.getFields()) {
                    uncommented(comments.has(field), Elements.name(field));
                }
            }
        }

        private void uncommented(boolean isCommented, String element) {
            if (!isCommented) {
                add(Rule.COMMENT, element, "no comment above it");
            }
        }
    }

    /** Empty if the method does not say, or wrongly: that is another rule's. */
    private Optional<Operation.Effect> effect(MethodDescriptor method) {
        try {
            return annotations.operationOf(method).map(Operation::getEffect).filter(KNOWN::contains);
        } catch (AnnotationException e) {
            return Optional.empty();
        }
    }

    private static boolean isByteStream(MethodDescriptor method) {
        try {
            return KnownOptions.of(method, method.getOptions()).getExtension(RpcProto.byteStream);
        } catch (AnnotationException e) {
            return false; // another rule tells
        }
    }

    private static boolean isOneBool(Descriptor message) {
        List<FieldDescriptor> fields = message.getFields();
        return fields.size() == 1
                && fields.get(0).getType() == FieldDescriptor.Type.BOOL
                && !fields.get(0).isRepeated();
    }
}
