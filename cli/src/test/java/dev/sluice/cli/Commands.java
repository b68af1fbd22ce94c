package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs the command within the test's process. */
final class Commands {
    private Commands() {}

    /** What came of a command that has ended. */
    record Result(int code, String out, String err) {}

    /** A command that runs on a thread of its own. */
    static final class Running {
        private static final String LISTENING = "listening on ";

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> code = new CompletableFuture<>();
        private final Thread thread;

        Running(String... args) {
            thread = new Thread(() -> code.complete(Main.run(streams(new byte[0], out, err), args)));
            thread.start();
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }

        /** Returns where a server listens, of what it has said so far. */
        List<String> addresses() {
            return out().lines()
                    .filter(line -> line.startsWith(LISTENING))
                    .map(line -> line.substring(LISTENING.length()))
                    .toList();
        }

        int interrupt() {
            thread.interrupt();
            return code.join();
        }
    }

    private static Streams streams(byte[] in, OutputStream out, OutputStream err) {
        return new Streams(
                new ByteArrayInputStream(in), out, new PrintStream(err, true, StandardCharsets.UTF_8), false);
    }

    static Result run(String... args) {
        return runWithInput("", args);
    }

    static Result runWithInput(String in, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(streams(in.getBytes(StandardCharsets.UTF_8), out, err), args);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Checks that a command failed with one line that says so. */
    static void assertFails(Result result, int code, String text) {
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("sluice: ").contains(text).hasLineCount(1);
    }
}
