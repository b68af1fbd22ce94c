package dev.sluice.cli;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes descriptors of {@code .proto} files, by the protoc of this machine. One thread.
 *
 * @param executable its name, or where it is
 * @param importPaths where files and their imports are; none: the current directory, and for files elsewhere their own one
 * @param err for what it says
 */
record Protoc(String executable, List<Path> importPaths, PrintStream err) {
    private static final List<String> BUNDLED = List.of(
            "lint.proto",
            "shared.proto",
            "sluice/resource.proto",
            "sluice/rpc.proto",
            "google/protobuf/any.proto",
            "google/protobuf/api.proto",
            "google/protobuf/descriptor.proto",
            "google/protobuf/duration.proto",
            "google/protobuf/empty.proto",
            "google/protobuf/field_mask.proto",
            "google/protobuf/source_context.proto",
            "google/protobuf/struct.proto",
            "google/protobuf/timestamp.proto",
            "google/protobuf/type.proto",
            "google/protobuf/wrappers.proto");

    /** What protoc made of files: {@code names} are theirs, the set has their imports, too. */
    record Described(FileDescriptorSet set, Set<String> names) {}

    /** Describes files, with their comments. */
    Described describe(List<Path> files) throws IOException, CommandFailure {
        List<Path> sources =
                files.stream().map(file -> file.toAbsolutePath().normalize()).toList();
        Set<Path> roots = roots(sources);
        Path scratch = Files.createTempDirectory("sluice-protoc");
        try {
            Path set = scratch.resolve("set.binpb");
            run(command(sources, roots, bundle(scratch.resolve("bundled")), set), scratch.resolve("output.txt"));
            FileDescriptorSet described = FileDescriptorSet.parseFrom(Files.readAllBytes(set));
            return new Described(described, names(described, sources, roots));
        } finally {
            delete(scratch);
        }
    }

    private Set<Path> roots(List<Path> sources) {
        Set<Path> roots = new LinkedHashSet<>();
        importPaths.forEach(path -> roots.add(path.toAbsolutePath().normalize()));
        if (roots.isEmpty()) {
            Path here = Path.of("").toAbsolutePath();
            sources.forEach(source -> roots.add(source.startsWith(here) ? here : source.getParent()));
        }
        return roots;
    }

    private List<String> command(List<Path> sources, Set<Path> roots, Path bundled, Path set) {
        List<String> command = new ArrayList<>(List.of(executable));
        roots.forEach(root -> command.add("-I" + root));
        command.add("-I" + bundled); // last: who brings files of these names means their own
        command.addAll(List.of("--include_imports", "--include_source_info", "--descriptor_set_out=" + set));
        sources.forEach(source -> command.add(source.toString()));
        return command;
    }

    /** Lays out the files that annotated ones import, for protoc reads no jars. */
    private static Path bundle(Path directory) throws IOException {
        for (String name : BUNDLED) {
            try (InputStream in = Protoc.class.getResourceAsStream("/" + name)) {
                Path file = directory.resolve(name);
                Files.createDirectories(file.getParent());
                Files.copy(in, file);
            }
        }
        return directory;
    }

    private void run(List<String> command, Path output) throws IOException, CommandFailure {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot run '" + executable
                            + "': install protoc, say with --protoc where it is, or give a descriptor"
                            + " set instead of .proto files",
                    e);
        }
        int code = await(process);
        err.print(Files.readString(output));
        if (code != 0) {
            throw new CommandFailure("protoc refused the files");
        }
    }

    private static int await(Process process) throws CommandFailure {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new CommandFailure("interrupted", e);
        }
    }

    private static Set<String> names(FileDescriptorSet set, List<Path> sources, Set<Path> roots) {
        Set<String> names = new LinkedHashSet<>();
        set.getFileList().stream()
                .map(file -> file.getName())
                .filter(name -> roots.stream().map(root -> root.resolve(name)).anyMatch(sources::contains))
                .forEach(names::add);
        return names;
    }

    private static void delete(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(directory)) {
            all = new ArrayList<>(files.toList());
        }
        java.util.Collections.reverse(all);
        for (Path file : all) {
            Files.delete(file);
        }
    }
}
