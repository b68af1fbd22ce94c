package dev.sluice.cli;

import static dev.sluice.cli.Commands.assertFails;
import static dev.sluice.cli.Commands.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice lint} as a user has it, with the protoc that the build has from its Maven artifact. */
class LintCommandTest {
    private static final String MISSING = "service \"S\": method: \"M\": missing op_type extension";

    @TempDir
    Path directory;

    private String protoc;

    @BeforeEach
    void findProtoc() throws IOException {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch_64.exe" : "x86_64.exe";
        Path artifacts = Path.of(System.getProperty("protoc.artifacts"));
        try (Stream<Path> files = Files.list(artifacts)) {
            Path artifact = files.filter(file ->
                            file.toString().endsWith(arch) && file.toString().contains(platform()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no protoc in " + artifacts));
            Path copy = Files.copy(artifact, directory.resolve("protoc.exe"));
            assertThat(copy.toFile().setExecutable(true)).isTrue();
            protoc = copy.toString();
        }
    }

    private static String platform() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.contains("win") ? "windows" : name.contains("mac") ? "osx" : "linux";
    }

    private Path write(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, List.of(lines));
    }

    private Path right() throws IOException {
        return write(
                "api/right.proto",
                "syntax = \"proto3\";",
                "package a;",
                "import \"lint.proto\";",
                "import \"shared.proto\";",
                "message MRequest { gitaly.Repository repo = 1 [(gitaly.target_repository) = true]; }",
                "message MResponse {}",
                "service S { rpc M(MRequest) returns (MResponse) { option (gitaly.op_type).op = ACCESSOR; } }");
    }

    private Path wrong() throws IOException {
        return write(
                "api/wrong.proto",
                "syntax = \"proto3\";",
                "package b;",
                "import \"google/protobuf/struct.proto\";",
                "message R { google.protobuf.Struct struct = 1; }",
                "service S { rpc M(R) returns (R); }");
    }

    private Commands.Result lint(Path file, String... options) {
        List<String> arguments = new ArrayList<>(List.of("lint", "--protoc", protoc, file.toString()));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(String[]::new));
    }

    private static String lines(String... lines) {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    @Test
    void shouldSayNothingWhenThereIsNothingToSay() throws IOException {
        assertThat(lint(right(), "--set", "naming=off")).isEqualTo(new Commands.Result(0, "", ""));
    }

    @Test
    void shouldPrintFindingsAndFailOnErrorsOnly() throws IOException {
        Commands.Result warned = lint(right());
        Commands.Result failed = lint(wrong(), "--set", "naming=off");
        Commands.Result strict = lint(right(), "-s", "naming=off", "-s", "comment=error");

        assertThat(warned.code()).isZero();
        assertThat(warned.out().lines())
                .contains("warning: right.proto: message \"a.MRequest\": no comment above it [comment]")
                .noneMatch(line -> line.contains("google"));
        assertThat(warned.err()).isEmpty();
        assertThat(failed)
                .isEqualTo(new Commands.Result(1, lines("wrong.proto: " + MISSING), lines("sluice: 1 error")));
        assertThat(strict.code()).isEqualTo(1);
        assertThat(strict.out().lines())
                .hasSize(4)
                .contains("right.proto: message \"a.MResponse\": no comment above it [comment]");
        assertThat(strict.err()).isEqualTo(lines("sluice: 4 errors"));
    }

    @Test
    void shouldFindImportsWhereItIsTold() throws IOException {
        wrong();
        Path importing = write(
                "mine/importing.proto",
                "syntax = \"proto3\";",
                "package c;",
                "import \"api/wrong.proto\";",
                "message N { b.R r = 1; }");

        assertThat(lint(importing, "-I", directory.toString()).out().lines())
                .contains("api/wrong.proto: " + MISSING)
                .contains("warning: mine/importing.proto: message \"c.N\": no comment above it [comment]")
                .noneMatch(line -> line.startsWith("warning: api/wrong.proto"));
        assertThat(lint(importing, "-I", directory.toString(), "-s", "imports=off,naming=off"))
                .isEqualTo(new Commands.Result(0, "", ""));
        Commands.Result lost = lint(importing);
        assertThat(lost.code()).isEqualTo(1);
        assertThat(lost.err()).contains("api/wrong.proto: File not found", "sluice: protoc refused the files");
    }

    @Test
    void shouldLintDescriptorSets() throws Exception {
        Path set = directory.resolve("set.binpb");
        Process process = new ProcessBuilder(
                        protoc,
                        "-I" + wrong().getParent(),
                        "-I" + bundledDescriptor().getParent().getParent().getParent(),
                        "--include_imports",
                        "--descriptor_set_out=" + set,
                        "wrong.proto")
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        FileDescriptorSet described = FileDescriptorSet.parseFrom(Files.readAllBytes(set));
        Path without = Files.write(
                directory.resolve("without.binpb"),
                described.toBuilder().removeFile(0).build().toByteArray());

        assertThat(run("lint", set.toString(), "-s", "naming=off"))
                .isEqualTo(new Commands.Result(1, lines("wrong.proto: " + MISSING), lines("sluice: 1 error")));
        assertFails(
                run("lint", without.toString()),
                1,
                "wrong.proto imports google/protobuf/struct.proto, which is not described");
    }

    private Path bundledDescriptor() throws IOException {
        try (var in = LintCommandTest.class.getResourceAsStream("/google/protobuf/struct.proto")) {
            Path file = directory.resolve("bundled/google/protobuf/struct.proto");
            Files.createDirectories(file.getParent());
            Files.copy(in, file);
            return file;
        }
    }

    @Test
    void shouldSayWhatToDoWhenItCannotLint() throws IOException {
        Path text = write("set.binpb", "text");
        Path empty = Files.createFile(directory.resolve("empty.binpb"));
        Path broken = write("broken.proto", "syntax = \"proto3\"; oops");

        assertFails(run("lint", text.toString()), 1, "is neither a .proto file nor a descriptor set");
        assertFails(run("lint", empty.toString()), 1, "is neither a .proto file nor a descriptor set");
        assertFails(run("lint", directory.resolve("nope.binpb").toString()), 1, "no such file");
        assertFails(
                run(
                        "lint",
                        broken.toString(),
                        "--protoc",
                        directory.resolve("nope").toString()),
                1,
                "install protoc, say with --protoc where it is");
        Commands.Result refused = lint(broken);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).startsWith("broken.proto:1:").endsWith(lines("sluice: protoc refused the files"));
    }

    @Test
    void shouldEndWithTwoWhenUsedWrongly() throws IOException {
        assertFails(run("lint"), 2, "see 'sluice lint --help'");
        assertFails(run("lint", "x.binpb", "--set", "bogus=on"), 2, "no setting is called 'bogus'");
        assertFails(run("lint", "x.binpb", "--set", "naming=loud"), 2, "the value is off, warning, error");
    }
}
