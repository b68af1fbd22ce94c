package dev.sluice.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import dev.sluice.proto.lint.LintPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs the protoc that the build has from its Maven artifact, with our plugin as a program of its own. */
public final class Protoc {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");

    /** Newer JDKs warn of protobuf's use of sun.misc.Unsafe, which is not what tests of the output are about. */
    private static final String UNSAFE =
            Runtime.version().feature() >= 23 ? "--sun-misc-unsafe-memory-access=allow " : "";

    private final Path directory;

    /** @param directory an empty one, for what protoc needs and is to read */
    public Protoc(Path directory) {
        this.directory = directory;
        for (String name : List.of("descriptor", "empty", "struct", "timestamp")) {
            copy("google/protobuf/" + name + ".proto");
        }
        for (String name : List.of("lint.proto", "shared.proto", "sluice/rpc.proto", "sluice/resource.proto")) {
            copy(name);
        }
    }

    /** What came of a run; {@code output} is what it said, on standard error. */
    public record Result(int code, String output) {}

    /** Puts a file where protoc finds it. */
    public Protoc with(String name, String... lines) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\n", lines) + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(String resource) {
        try (InputStream in = Protoc.class.getResourceAsStream("/" + resource)) {
            with(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what protoc makes of files, their imports and comments included. */
    public FileDescriptorSet describe(String... files) {
        Path set = directory.resolve("described.binpb");
        Result result =
                run(List.of("--descriptor_set_out=" + set, "--include_imports", "--include_source_info"), files);
        if (result.code != 0) {
            throw new IllegalArgumentException(result.output);
        }
        try {
            return FileDescriptorSet.parseFrom(Files.readAllBytes(set));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lints files by protoc's plugin. */
    public Result lint(List<String> options, String... files) {
        List<String> arguments = new ArrayList<>(options);
        arguments.add("--plugin=protoc-gen-sluice-lint=" + plugin());
        arguments.add("--sluice-lint_out=" + directory);
        return run(arguments, files);
    }

    private Result run(List<String> options, String... files) {
        List<String> command = new ArrayList<>(List.of(executable().toString(), "-I" + directory));
        command.addAll(options);
        command.addAll(List.of(files));
        try {
            Path output = Files.createTempFile(directory, "output", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            int code = process.waitFor();
            return new Result(code, Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Path executable() {
        Path copy = directory.resolve("protoc.exe");
        if (Files.exists(copy)) {
            return copy;
        }
        String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        Path artifacts = Path.of(System.getProperty("protoc.artifacts"));
        try (Stream<Path> files = Files.list(artifacts)) {
            Path artifact = files.filter(file -> file.toString().endsWith(platform() + "-" + arch + ".exe"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no protoc in " + artifacts));
            Files.copy(artifact, copy, StandardCopyOption.REPLACE_EXISTING);
            if (!copy.toFile().setExecutable(true)) {
                throw new IOException("cannot make " + copy + " executable");
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String platform() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return WINDOWS ? "windows" : name.contains("mac") ? "osx" : "linux";
    }

    /** A class path of two shows that the plugin needs no more than protobuf-java. */
    private Path plugin() {
        String classPath = Stream.of(LintPlugin.class, DescriptorProto.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(location ->
                        Path.of(java.net.URI.create(location.toString())).toString())
                .collect(Collectors.joining(System.getProperty("path.separator")));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command = "\"" + java + "\" -XX:TieredStopAtLevel=1 " + UNSAFE + "-cp \"" + classPath + "\" "
                + LintPlugin.class.getName();
        Path script = directory.resolve(WINDOWS ? "plugin.bat" : "plugin.sh");
        with(script.getFileName().toString(), WINDOWS ? "@" + command : "#!/bin/sh\nexec " + command);
        if (!script.toFile().setExecutable(true)) {
            throw new IllegalStateException("cannot make " + script + " executable");
        }
        return script;
    }
}
