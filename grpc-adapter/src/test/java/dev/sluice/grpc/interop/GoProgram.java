package dev.sluice.grpc.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the Go world, built into {@code target} the first time. */
final class GoProgram {
    /** Set to anything by those who do not want tests with such programs to be skipped. */
    private static final String REQUIRE = "SLUICE_REQUIRE_GO";

    private static final Path FOLDER = Path.of("target", "go").toAbsolutePath();
    private static final int BUILD_SECONDS = 240;

    private final Path executable;

    private GoProgram(Path executable) {
        this.executable = executable;
    }

    /** What a run printed, and its exit code. */
    record Run(int exitCode, String output) {}

    /**
     * Builds a program. Where there is no Go, or no way to fetch the source, the test is skipped; with {@value #REQUIRE} in the environment it
     * fails.
     */
    static GoProgram install(String path, String version) throws IOException, InterruptedException {
        Path executable = FOLDER.resolve(path.substring(path.lastIndexOf('/') + 1));
        if (!Files.exists(executable)) {
            Files.createDirectories(FOLDER);
            ProcessBuilder build = new ProcessBuilder("go", "install", path + "@" + version);
            build.environment().put("GOBIN", FOLDER.toString());
            build.environment().put("GOFLAGS", "-mod=mod");
            Run run;
            try {
                run = run(build, BUILD_SECONDS);
            } catch (IOException e) {
                return missing("needs Go, which is not on the PATH");
            }
            if (run.exitCode() != 0) {
                return missing("cannot build " + path + ": " + run.output());
            }
        }
        return new GoProgram(executable);
    }

    private static GoProgram missing(String why) {
        if (System.getenv(REQUIRE) != null) {
            throw new AssertionError(REQUIRE + " is set, and this test " + why);
        }
        return abort("SKIPPED: " + why);
    }

    Run run(int seconds, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(arguments);
        return run(new ProcessBuilder(command), seconds);
    }

    private static Run run(ProcessBuilder builder, int seconds) throws IOException, InterruptedException {
        Path output = Files.createTempFile("go", ".txt");
        try {
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return new Run(-1, "not done within " + seconds + " s: " + Files.readString(output));
            }
            return new Run(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
