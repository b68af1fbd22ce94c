package dev.sluice.proto.internal;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes descriptors of described files, with what they import from each other. */
public final class LinkedFiles {
    private final Map<String, FileDescriptorProto> described = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> linked = new HashMap<>();

    private LinkedFiles() {}

    /**
     * Links files, whatever their order.
     *
     * @return their descriptors, in the order in which they were given
     * @throws IllegalArgumentException if they do not make a whole; the message says why
     */
    public static List<FileDescriptor> of(List<FileDescriptorProto> files) {
        LinkedFiles all = new LinkedFiles();
        for (FileDescriptorProto file : files) {
            if (all.described.put(file.getName(), file) != null) {
                throw new IllegalArgumentException(file.getName() + " is described twice");
            }
        }
        all.link();
        return all.described.keySet().stream().map(all.linked::get).toList();
    }

    /** Links each file as soon as the last of its imports is. */
    private void link() {
        Map<String, List<String>> importers = new HashMap<>();
        Map<String, Integer> missing = new HashMap<>();
        Deque<String> ready = new ArrayDeque<>();
        for (FileDescriptorProto file : described.values()) {
            Set<String> imports = new HashSet<>(file.getDependencyList());
            imports.forEach(name -> importers
                    .computeIfAbsent(require(name, file), any -> new ArrayList<>())
                    .add(file.getName()));
            missing.put(file.getName(), imports.size());
            if (imports.isEmpty()) {
                ready.add(file.getName());
            }
        }
        while (!ready.isEmpty()) {
            String name = ready.remove();
            linked.put(name, build(described.get(name)));
            for (String importer : importers.getOrDefault(name, List.of())) {
                if (missing.merge(importer, -1, Integer::sum) == 0) {
                    ready.add(importer);
                }
            }
        }
        if (linked.size() < described.size()) {
            List<String> circle = new ArrayList<>(described.keySet());
            circle.removeAll(linked.keySet());
            throw new IllegalArgumentException("the imports of " + circle.get(0) + " go in a circle");
        }
    }

    private String require(String name, FileDescriptorProto importer) {
        if (!described.containsKey(name)) {
            throw new IllegalArgumentException(importer.getName() + " imports " + name
                    + ", which is not described: a descriptor set needs its imports (protoc --include_imports)");
        }
        return name;
    }

    private FileDescriptor build(FileDescriptorProto file) {
        FileDescriptor[] imports =
                file.getDependencyList().stream().map(linked::get).toArray(FileDescriptor[]::new);
        try {
            return FileDescriptor.buildFrom(file, imports);
        } catch (DescriptorValidationException e) {
            if (e.getProblemProto() instanceof MethodDescriptorProto method
                    && e.getDescription().contains("not defined")) {
                throw new IllegalArgumentException(
                        file.getName() + ": could not find message type \"" + unknownOf(method, e) + "\"", e);
            }
            throw new IllegalArgumentException(file.getName() + ": " + e.getMessage(), e);
        } catch (StackOverflowError e) { // the library follows names and imports without a limit
            throw new IllegalArgumentException(file.getName() + ": nested too deeply", e);
        } catch (RuntimeException e) { // what protoc would not have written it does not expect
            throw new IllegalArgumentException(file.getName() + ": makes no sense: " + e, e);
        }
    }

    private static String unknownOf(MethodDescriptorProto method, DescriptorValidationException e) {
        return e.getDescription().contains(method.getInputType()) ? method.getInputType() : method.getOutputType();
    }
}
