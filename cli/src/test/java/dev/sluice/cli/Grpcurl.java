package dev.sluice.cli;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** grpcurl, a client of gRPC in Go that knows of a server what reflection tells. Built into {@code target} the first time. */
final class Grpcurl {
    /** Set to anything by those who do not want tests with it to be skipped. */
    private static final String REQUIRE = "SLUICE_REQUIRE_GO";

    private static final String SOURCE = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3";
    private static final Path FOLDER = Path.of("target", "go").toAbsolutePath();
    private static final Path EXECUTABLE = FOLDER.resolve("grpcurl");
    private static final int BUILD_SECONDS = 240;
    private static final int SECONDS = 30;

    private Grpcurl() {}

    /**
     * Builds it. Where there is no Go, or no way to fetch the source, the test is skipped; with {@value #REQUIRE} in the environment it
     * fails.
     */
    static void install() throws IOException, InterruptedException {
        if (Files.exists(EXECUTABLE)) {
            return;
        }
        Files.createDirectories(FOLDER);
        ProcessBuilder build = new ProcessBuilder("go", "install", SOURCE);
        build.environment().put("GOBIN", FOLDER.toString());
        build.environment().put("GOFLAGS", "-mod=mod");
        Commands.Result result;
        try {
            result = run(build, BUILD_SECONDS);
        } catch (IOException e) {
            missing("needs Go, which is not on the PATH");
            return;
        }
        if (result.code() != 0) {
            missing("cannot build " + SOURCE + ": " + result.err());
        }
    }

    private static void missing(String why) {
        if (System.getenv(REQUIRE) != null) {
            throw new AssertionError(REQUIRE + " is set, and this test " + why);
        }
        abort("SKIPPED: " + why);
    }

    static Commands.Result run(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of(EXECUTABLE.toString()), Stream.of(arguments))
                .toList();
        return run(new ProcessBuilder(command), SECONDS);
    }

    private static Commands.Result run(ProcessBuilder program, int seconds) throws IOException, InterruptedException {
        Path out = Files.createTempFile(FOLDER, "run", ".out");
        Path err = Files.createTempFile(FOLDER, "run", ".err");
        try {
            Process process = program.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            return new Commands.Result(ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
