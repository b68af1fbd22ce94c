package dev.sluice.cli;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sluice.proto.lint.Finding;
import dev.sluice.proto.lint.LintSettings;
import dev.sluice.proto.lint.Linter;
import dev.sluice.proto.lint.Severity;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice lint}: tells what is wrong with annotated protos. */
@Command(
        name = "lint",
        description = {"Look for faults in annotated protos, and for breaches of the conventions of naming.", ""},
        footer = {
            "",
            "Findings go to standard output, one a line. Errors make the command fail, warnings do not.",
            "Settings: naming, or the name in brackets behind a warning, set to off, warning or error; imports, set to on"
                    + " or off: whether to look for faults in imported files, too. All files of a descriptor set but"
                    + " google/protobuf/* count as given, so imports changes nothing there.",
            "Imports are searched for where -I says, and then among the annotations (lint.proto, shared.proto, sluice/*.proto)"
                    + " and google/protobuf/*.proto, which this command has with it.",
            "Example: sluice lint -I proto --set naming=error proto/acme/archive.proto"
        })
final class LintCommand implements Callable<Integer> {
    private static final String GOOGLES_OWN = "google/protobuf/";

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "A .proto file, which protoc is run for; or a descriptor set with all imports, as protoc"
                    + " --descriptor_set_out --include_imports --include_source_info writes it.")
    private List<Path> files;

    @Option(
            names = {"-I", "--proto-path"},
            paramLabel = "DIR",
            description = "Where .proto files and their imports are; may be given more than once. Default: the current"
                    + " directory, and the file's own one if it is elsewhere.")
    private List<Path> importPaths = List.of();

    @Option(
            names = "--protoc",
            paramLabel = "FILE",
            defaultValue = "protoc",
            description = "The protoc to run. Default: that of the search path.")
    private String protoc;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "A setting, see below; may be given more than once.")
    private List<String> settings = List.of();

    LintCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, CommandFailure {
        List<Finding> findings = lint(new Linter(settings()));
        PrintStream out = new PrintStream(streams.out(), true, Charset.defaultCharset());
        findings.forEach(finding -> out.println(line(finding)));
        if (out.checkError()) {
            throw new CommandFailure("cannot write to standard output");
        }
        long errors = findings.stream().filter(LintCommand::isError).count();
        if (errors > 0) {
            throw new CommandFailure(errors == 1 ? "1 error" : errors + " errors");
        }
        return 0;
    }

    private static boolean isError(Finding finding) {
        return finding.severity() == Severity.ERROR;
    }

    private static String line(Finding finding) {
        return (isError(finding) ? "" : "warning: ") + finding.text();
    }

    private LintSettings settings() {
        try {
            return LintSettings.parse(String.join(",", settings));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private List<Finding> lint(Linter linter) throws IOException, CommandFailure {
        List<Finding> findings = new ArrayList<>();
        List<Path> sources = files.stream().filter(LintCommand::isSource).toList();
        if (!sources.isEmpty()) {
            Protoc.Described described = new Protoc(protoc, importPaths, streams.err()).describe(sources);
            findings.addAll(lint(linter, described.set(), described.names()::contains));
        }
        for (Path file : files) {
            if (!isSource(file)) {
                findings.addAll(lint(linter, read(file), name -> !name.startsWith(GOOGLES_OWN)));
            }
        }
        return findings;
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".proto");
    }

    private static FileDescriptorSet read(Path file) throws IOException, CommandFailure {
        try {
            FileDescriptorSet set = FileDescriptorSet.parseFrom(Files.readAllBytes(file));
            if (set.getFileCount() > 0) {
                return set;
            }
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure(notASet(file) + ": " + e.getMessage(), e);
        }
        throw new CommandFailure(notASet(file));
    }

    private static String notASet(Path file) {
        return "'" + file + "' is neither a .proto file nor a descriptor set";
    }

    private static List<Finding> lint(Linter linter, FileDescriptorSet set, Predicate<String> isSource)
            throws CommandFailure {
        try {
            return linter.lint(set, isSource);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }
}
