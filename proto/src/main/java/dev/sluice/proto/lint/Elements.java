package dev.sluice.proto.lint;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;

/** The elements of a file, and how findings name them. */
final class Elements {
    private Elements() {}

    static String name(MethodDescriptor method) {
        return "service \"" + method.getService().getName() + "\": method: \"" + method.getName() + "\"";
    }

    static String name(Descriptor message) {
        return "message \"" + message.getFullName() + "\"";
    }

    static String name(FieldDescriptor field) {
        return name(field.getContainingType()) + ": field: \"" + field.getName() + "\"";
    }

    static List<MethodDescriptor> methods(FileDescriptor file) {
        return file.getServices().stream()
                .flatMap(service -> service.getMethods().stream())
                .toList();
    }

    /** Returns all messages that somebody wrote, those within others after these. */
    static List<Descriptor> messages(FileDescriptor file) {
        List<Descriptor> messages = new ArrayList<>();
        file.getMessageTypes().forEach(message -> add(message, messages));
        return messages;
    }

    private static void add(Descriptor message, List<Descriptor> all) {
        if (!message.getOptions().getMapEntry()) {
            all.add(message);
            message.getNestedTypes().forEach(nested -> add(nested, all));
        }
    }
}
