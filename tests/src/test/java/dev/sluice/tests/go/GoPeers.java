package dev.sluice.tests.go;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.nio.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The programs of {@code interop/go}, whose README says what each does. They are built before the first is started. Thread-safe.
 *
 * <p>Where there is no Go, or no way to fetch the libraries, the tests are skipped; with {@value #REQUIRE} in the environment they fail.
 */
final class GoPeers {
    /** Set to anything by those who do not want these tests to be skipped. */
    private static final String REQUIRE = "SLUICE_REQUIRE_GO";

    private static final Path SOURCES = Path.of("interop", "go").toAbsolutePath();
    private static final Path EXECUTABLE =
            Path.of("target", "go", "sluice-interop").toAbsolutePath();
    private static final int SECONDS = 270;

    private static boolean built;

    private GoPeers() {}

    /** Starts {@code sluice-interop} with these arguments. */
    static GoPeer start(String... arguments) throws IOException, InterruptedException {
        build();
        List<String> command = new ArrayList<>(List.of(EXECUTABLE.toString()));
        command.addAll(List.of(arguments));
        return GoPeer.start(command);
    }

    /** Starts {@code serve}. */
    static GoPeer serving(Endpoint endpoint, String... flags) throws IOException, InterruptedException {
        return startWith(List.of("serve", "-listen", endpoint.toString()), flags);
    }

    /** Starts {@code call}. */
    static GoPeer calling(Endpoint endpoint, String... scenarios) throws IOException, InterruptedException {
        return startWith(List.of("call", "-dial", endpoint.toString()), scenarios);
    }

    private static GoPeer startWith(List<String> first, String... then) throws IOException, InterruptedException {
        return start(Stream.concat(first.stream(), Stream.of(then)).toArray(String[]::new));
    }

    /** Skips or fails the test if the programs cannot be built for a reason that is not theirs. */
    static synchronized void build() throws IOException, InterruptedException {
        if (built) {
            return;
        }
        Optional<String> unfetched = failure("go", "mod", "download");
        if (unfetched.isPresent()) {
            missing("cannot fetch the libraries of " + SOURCES + ": " + unfetched.get());
        }
        Files.createDirectories(EXECUTABLE.getParent());
        run("go", "build", "-o", EXECUTABLE.toString(), ".");
        built = true;
    }

    /** Runs a tool of Go where the sources are, and returns what it printed. It must succeed. */
    static String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("go", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(SOURCES.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(
                        String.join(" ", command) + (ended ? " failed: " : " takes too long: ") + text);
            }
            return text;
        } finally {
            Files.delete(output);
        }
    }

    private static Optional<String> failure(String... command) throws InterruptedException {
        try {
            run(command);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("Go is not on the PATH: " + e.getMessage());
        } catch (AssertionError e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void missing(String why) {
        if (System.getenv(REQUIRE) != null) {
            throw new AssertionError(REQUIRE + " is set, and this test " + why);
        }
        System.err.println("SKIPPED, not tested against Go: " + why);
        abort("SKIPPED: " + why);
    }
}
