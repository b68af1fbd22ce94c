package dev.sluice.cli.reflect;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sluice.proto.rpc.RpcProto;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Files that a server has described, with those that they import: some servers send these along, others only when asked. One thread.
 */
final class DescribedFiles {
    /** Far more than any API has; a server could name new ones for ever. */
    private static final int MAX_FILES = 1000;

    private static final ExtensionRegistry OPTIONS = ExtensionRegistry.newInstance();

    static {
        RpcProto.registerAllExtensions(OPTIONS);
    }

    private final Function<String, List<ByteString>> fetch;
    private final Map<String, FileDescriptorProto> described = new HashMap<>();
    private final Map<String, FileDescriptor> built = new HashMap<>();
    private final Set<String> underWay = new HashSet<>();

    /**
     * @param fetch asks the server for a file by its name
     * @param files encoded, in any order
     */
    DescribedFiles(Function<String, List<ByteString>> fetch, List<ByteString> files) {
        this.fetch = fetch;
        files.forEach(this::add);
    }

    private FileDescriptorProto add(ByteString file) {
        try {
            FileDescriptorProto parsed = FileDescriptorProto.parseFrom(file, OPTIONS);
            described.put(parsed.getName(), parsed);
            if (described.size() > MAX_FILES) {
                throw malformed("describes more than " + MAX_FILES + " files", null);
            }
            return parsed;
        } catch (InvalidProtocolBufferException e) {
            throw malformed("sends a file that cannot be read", e);
        }
    }

    /** Returns a service of the files. */
    Optional<ServiceDescriptor> service(String name) {
        return List.copyOf(described.values()).stream()
                .flatMap(file -> file.getServiceList().stream()
                        .filter(service -> qualified(file, service.getName()).equals(name))
                        .map(service -> build(file).findServiceByName(service.getName())))
                .findFirst();
    }

    private static String qualified(FileDescriptorProto file, String name) {
        return file.getPackage().isEmpty() ? name : file.getPackage() + "." + name;
    }

    private FileDescriptor build(FileDescriptorProto file) {
        FileDescriptor known = built.get(file.getName());
        if (known != null) {
            return known;
        }
        if (!underWay.add(file.getName())) {
            throw malformed("describes a file that imports itself: " + file.getName(), null);
        }
        List<FileDescriptor> imports = new ArrayList<>();
        for (String name : file.getDependencyList()) {
            imports.add(build(described(name)));
        }
        try {
            FileDescriptor made = FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new));
            built.put(file.getName(), made);
            return made;
        } catch (DescriptorValidationException e) {
            throw malformed("describes " + file.getName() + " wrongly", e);
        }
    }

    private FileDescriptorProto described(String name) {
        if (!described.containsKey(name)) {
            fetch.apply(name).forEach(this::add);
        }
        FileDescriptorProto file = described.get(name);
        if (file == null) {
            throw malformed("does not send " + name + ", which others import", null);
        }
        return file;
    }

    private static StatusRuntimeException malformed(String what, Exception cause) {
        String detail = cause == null ? "" : ": " + cause.getMessage();
        return Status.INTERNAL
                .withDescription("the server's reflection " + what + detail)
                .withCause(cause)
                .asRuntimeException();
    }
}
