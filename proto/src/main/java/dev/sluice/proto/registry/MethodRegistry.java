package dev.sluice.proto.registry;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.sluice.proto.internal.AnnotatedMethod;
import dev.sluice.proto.internal.AnnotationException;
import dev.sluice.proto.internal.AnnotationReader;
import dev.sluice.proto.internal.LinkedFiles;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The annotated methods of services, by their names. It is made at start-up, of descriptors: those of generated code
 * ({@code FilesProto.getDescriptor()}), those of a descriptor set, or those that gRPC's reflection told. Immutable and thread-safe.
 *
 * <p>A method's name is {@code package.Service/Method}, with or without a slash in front.
 */
public final class MethodRegistry {
    private final Map<String, MethodInfo> methods;
    private final Set<String> handledByProxy;

    private MethodRegistry(Map<String, MethodInfo> methods, Set<String> handledByProxy) {
        this.methods = Collections.unmodifiableMap(methods);
        this.handledByProxy = Collections.unmodifiableSet(handledByProxy);
    }

    /**
     * Makes a registry of all services in the files, not of those in their imports.
     *
     * @throws IllegalArgumentException if a method is not annotated, or wrongly; the message says of all of them what is wrong
     */
    public static MethodRegistry of(Collection<FileDescriptor> files) {
        Reading reading = new Reading();
        files.forEach(reading::add);
        return reading.registry();
    }

    /**
     * Makes a registry of all services in a set, which has the imports of its files, too.
     *
     * @throws IllegalArgumentException if the set is not complete, or a method in it not annotated, or wrongly; the message says what is
     *     wrong
     */
    public static MethodRegistry of(FileDescriptorSet files) {
        return of(LinkedFiles.of(files.getFileList()));
    }

    private static final class Reading {
        private final AnnotationReader reader = new AnnotationReader();
        private final Map<String, MethodInfo> methods = new LinkedHashMap<>();
        private final Set<String> handledByProxy = new LinkedHashSet<>();
        private final List<String> faults = new ArrayList<>();

        void add(FileDescriptor file) {
            for (ServiceDescriptor service : file.getServices()) {
                service.getMethods().forEach(this::add);
            }
        }

        private void add(MethodDescriptor method) {
            String name = method.getService().getFullName() + "/" + method.getName();
            try {
                Optional<AnnotatedMethod> annotated = reader.read(method);
                if (annotated.isPresent()) {
                    methods.put(name, MethodInfo.of(name, annotated.get()));
                } else {
                    handledByProxy.add(name);
                }
            } catch (AnnotationException e) {
                faults.add(name + ": " + e.getMessage());
            }
        }

        MethodRegistry registry() {
            if (!faults.isEmpty()) {
                throw new IllegalArgumentException(String.join("\n", faults));
            }
            return new MethodRegistry(methods, handledByProxy);
        }
    }

    /**
     * Returns a method.
     *
     * @throws StatusException UNIMPLEMENTED, if there is none of that name that is to be sent on: those that the proxy itself answers
     *     are not found either
     */
    public MethodInfo lookUp(String name) throws StatusException {
        MethodInfo found = methods.get(withoutSlash(name));
        if (found == null) {
            throw Status.UNIMPLEMENTED
                    .withDescription("full method name not found: " + name)
                    .asException();
        }
        return found;
    }

    /** Returns whether the proxy itself answers a method, and does not send it on. */
    public boolean isHandledByProxy(String name) {
        return handledByProxy.contains(withoutSlash(name));
    }

    /** Returns all methods that can be looked up, in the order of their files. */
    public Collection<MethodInfo> methods() {
        return methods.values();
    }

    private static String withoutSlash(String name) {
        return name.startsWith("/") ? name.substring(1) : name;
    }
}
