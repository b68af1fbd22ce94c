package dev.sluice.tests.tls;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Waiting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A run of the {@code openssl} command, its output and errors collected as one text. Thread-safe. */
final class OpenSsl implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;

    private final List<String> command;
    private final Process process;
    private final Thread collector;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream(); // synchronized by itself

    private OpenSsl(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.collector = new Thread(this::collect, "openssl-output");
        collector.setDaemon(true);
        collector.start();
    }

    /** Skips the test, with a text, on machines without the command. {@code .ci/run} does not run on such. */
    static void require() {
        boolean there;
        try {
            Process version = new ProcessBuilder("openssl", "version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            there = version.waitFor() == 0;
        } catch (IOException e) {
            there = false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assumeTrue(there, "SKIPPED: needs the openssl command, which is not on the PATH (apt-get install openssl)");
    }

    /** Starts {@code openssl} with these arguments; its input stays open until {@link #endInput}. */
    static OpenSsl start(String... arguments) throws IOException {
        return start(true, arguments);
    }

    /**
     * Starts {@code openssl} with a payload as input, which stays open, and its errors dropped: what is collected is what the peer sent.
     */
    static OpenSsl startSending(Payload payload, String... arguments) throws IOException {
        OpenSsl openssl = start(false, arguments);
        Thread feeder = new Thread(() -> openssl.feed(payload), "openssl-input");
        feeder.setDaemon(true);
        feeder.start();
        return openssl;
    }

    private static OpenSsl start(boolean errors, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        if (errors) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        return new OpenSsl(command, builder.start());
    }

    private void feed(Payload payload) {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        try {
            for (long at = 0; at < payload.length(); at += piece.limit()) {
                payload.fill(at, piece.clear());
                piece.flip();
                process.getOutputStream().write(piece.array(), 0, piece.limit());
            }
            process.getOutputStream().flush();
        } catch (IOException e) {
            // The process ended: the test finds that less came than it waits for.
        }
    }

    /** Runs a command that ends by itself, such as {@code req}, which must succeed. */
    static void run(String... arguments) throws IOException {
        try (OpenSsl openssl = start(arguments)) {
            openssl.endInput();
            if (openssl.awaitExit() != 0) {
                throw new IOException(openssl.command + " failed: " + openssl.output());
            }
        }
    }

    private void collect() {
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream source = process.getInputStream()) {
            for (int n = source.read(piece); n >= 0; n = source.read(piece)) {
                collected.write(piece, 0, n);
            }
        } catch (IOException e) {
            // The process was killed: what came until then is what there is.
        }
    }

    /** Types a line. s_client and s_server take lines of one letter as commands. */
    OpenSsl type(String line) throws IOException {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new IOException(command + " takes no input, and said: " + output(), e);
        }
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for a text in the output; fails at once if the command ended without it. */
    OpenSsl awaitOutput(String text) {
        return awaitOutput(text, 1);
    }

    /** Waits until a text was put out so many times. */
    OpenSsl awaitOutput(String text, int times) {
        try {
            Waiting.until(
                    "openssl says '" + text + "'",
                    () -> count(text) >= times || (!process.isAlive() && !collector.isAlive()));
        } finally {
            if (count(text) < times) {
                System.out.println(command + " said: " + output());
            }
        }
        if (count(text) < times) {
            throw new AssertionError(command + " ended and said '" + text + "' " + count(text) + " times, not " + times
                    + ": " + output());
        }
        return this;
    }

    private int count(String text) {
        String all = output();
        int n = 0;
        for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + text.length())) {
            n++;
        }
        return n;
    }

    /** Waits for so many bytes of output, and returns them. */
    byte[] awaitBytes(int count) {
        Waiting.until(count + " bytes from openssl", () -> collected.size() >= count || !collector.isAlive());
        return collected.toByteArray();
    }

    /** Returns all that was put out until now. */
    String output() {
        return collected.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the end of the process and its output. */
    int awaitExit() {
        try {
            if (!process.waitFor(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(command + " does not end; it said: " + output());
            }
            collector.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    /** Ends the process without a chance to say goodbye. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
    }
}
