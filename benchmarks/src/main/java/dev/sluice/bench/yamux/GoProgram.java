package dev.sluice.bench.yamux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program on the yamux libraries of Go, built from {@code tests/interop/go}. */
final class GoProgram {
    private static final String HOW_TO_GET =
            "Go's yamux libraries are measured with a program that is built by go, which is"
                    + " not on the PATH: install Go from https://go.dev/dl, or leave them out with --only sluice,sluice_spin,sluice_threads,bare_connections";
    private static final Pattern DEPENDENCY =
            Pattern.compile("dep\\s+github\\.com/(?<library>\\S*yamux\\S*)\\s+(?<version>\\S+)");
    private static final Pattern GO = Pattern.compile(": go(?<version>\\S+)");

    private GoProgram() {}

    /**
     * Builds the program, if it is not up to date.
     *
     * @return the executable
     * @throws IOException if there is no Go, with a text that says how to get it, or if it cannot build the program
     */
    static Path build() throws IOException {
        Path target = target();
        Path executable = target.resolve("sluice-interop");
        run(
                target.resolve("../../tests/interop/go").normalize(),
                List.of("go", "build", "-o", executable.toString(), "."));
        return executable;
    }

    /** Returns Go's version and those of the libraries, by name. */
    static Map<String, String> versions(Path executable) throws IOException {
        String built = run(executable.getParent(), List.of("go", "version", "-m", executable.toString()));
        Map<String, String> versions = new TreeMap<>();
        Matcher go = GO.matcher(built);
        if (go.find()) {
            versions.put("go", go.group("version"));
        }
        DEPENDENCY.matcher(built).results().forEach(found -> versions.put(found.group(1), found.group(2)));
        return versions;
    }

    /** Of the benchmarks, wherever their classes are: in a folder of it or in a jar. */
    private static Path target() throws IOException {
        try {
            return Path.of(GoProgram.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IOException("the benchmarks' classes are nowhere", e);
        }
    }

    private static String run(Path folder, List<String> command) throws IOException {
        Path output = Files.createTempFile("go", ".txt");
        try {
            Process go = start(new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile()));
            int code = go.waitFor();
            String said = Files.readString(output, StandardCharsets.UTF_8);
            if (code != 0) {
                throw new IOException(String.join(" ", command) + ", in " + folder + ": " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while go was at work");
        } finally {
            Files.delete(output);
        }
    }

    private static Process start(ProcessBuilder go) throws IOException {
        try {
            return go.start();
        } catch (IOException e) {
            throw new IOException(HOW_TO_GET, e);
        }
    }
}
