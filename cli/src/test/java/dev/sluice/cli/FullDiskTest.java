package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A disk on which no more than 1 MiB fits into a file: a limit of the shell, which the command runs under as a process of its own.
 */
class FullDiskTest {
    private static final String BASH = "/bin/bash";

    @TempDir
    Path directory;

    private Path root;
    private String socket;

    @BeforeEach
    void requireBash() throws IOException {
        assumeTrue(Files.isExecutable(Path.of(BASH)), "needs bash for its ulimit");
        root = Files.createDirectories(directory.resolve("root"));
        socket = "unix://" + directory.resolve("s");
    }

    private Process limited(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(BASH, "-c", "ulimit -f 1024; exec \"$@\"", "bash"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 23) {
            command.add("--sun-misc-unsafe-memory-access=allow"); // as the sluice script: no warnings of it
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private String output() throws IOException {
        File output = directory.resolve("output").toFile();
        return output.exists() ? Files.readString(output.toPath()) : "";
    }

    private static int run(ByteArrayOutputStream err, String... args) {
        return Main.run(
                new Streams(
                        new ByteArrayInputStream(new byte[0]),
                        new ByteArrayOutputStream(),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false),
                args);
    }

    @ParameterizedTest
    @CsvSource({"streamrpc, the server cannot store 'x': ", "grpc, put of 'x' failed: "})
    void shouldLeaveNothingOnTheServerWhenItsDiskIsFull(String protocol, String text) throws Exception {
        Path source = Files.write(directory.resolve("source"), new byte[20 << 20]);
        Process server = limited("serve", "-r", root.toString(), "-l", socket);
        try {
            await().until(() -> output().contains("listening on"));
            ByteArrayOutputStream err = new ByteArrayOutputStream();

            int code = run(err, "put", source.toString(), socket, "x", "-p", protocol);

            assertThat(code).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .startsWith("sluice: " + text)
                    .hasLineCount(1);
            assertThat(root).isEmptyDirectory();
        } finally {
            server.destroy();
            assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(server.exitValue()).isZero();
    }

    @Test
    void shouldLeaveNothingHereWhenTheDiskIsFull() throws Exception {
        Files.write(root.resolve("big"), new byte[20 << 20]);
        Path here = Files.createDirectory(directory.resolve("here"));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Thread server = new Thread(() -> run(err, "serve", "-r", root.toString(), "-l", socket));
        server.start();
        try {
            await().until(() -> Files.exists(directory.resolve("s")));

            Process get = limited("get", socket, "big", "-o", here.resolve("x").toString());

            assertThat(get.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(get.exitValue()).isEqualTo(1);
            assertThat(output()).startsWith("sluice: cannot write '").hasLineCount(1);
            assertThat(here).isEmptyDirectory();
        } finally {
            server.interrupt();
            server.join();
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
