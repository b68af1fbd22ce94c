package dev.sluice.proto.lint;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which elements of a file have a comment above them. Immutable.
 *
 * @param areKnown whether the descriptor comes with comments at all
 * @param commented paths of elements, as in {@code google.protobuf.SourceCodeInfo.Location}
 */
record Comments(boolean areKnown, Set<List<Integer>> commented) {
    static Comments of(FileDescriptor file) {
        FileDescriptorProto proto = file.toProto();
        return new Comments(
                proto.hasSourceCodeInfo(),
                proto.getSourceCodeInfo().getLocationList().stream()
                        .filter(location -> !location.getLeadingComments().isBlank())
                        .map(Location::getPathList)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    boolean has(MethodDescriptor method) {
        return commented.contains(List.of(
                FileDescriptorProto.SERVICE_FIELD_NUMBER,
                method.getService().getIndex(),
                ServiceDescriptorProto.METHOD_FIELD_NUMBER,
                method.getIndex()));
    }

    boolean has(Descriptor message) {
        return commented.contains(path(message));
    }

    boolean has(FieldDescriptor field) {
        List<Integer> path = path(field.getContainingType());
        path.add(DescriptorProto.FIELD_FIELD_NUMBER);
        path.add(field.getIndex());
        return commented.contains(path);
    }

    private static List<Integer> path(Descriptor message) {
        Deque<Integer> path = new ArrayDeque<>();
        for (Descriptor outer = message; outer != null; outer = outer.getContainingType()) {
            path.addFirst(outer.getIndex());
            path.addFirst(
                    outer.getContainingType() == null
                            ? FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER
                            : DescriptorProto.NESTED_TYPE_FIELD_NUMBER);
        }
        return new ArrayList<>(path);
    }
}
