package dev.sluice.bench.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A process, of this program or another, which is told what to do line by line and answers line by line. It ends when its standard
 * input does, so none outlives the benchmark. Not thread-safe.
 */
public final class ChildProcess implements AutoCloseable {
    private static final long EXIT_LIMIT_SECONDS = 10;

    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a JVM with this program's class path.
     *
     * @param core where to pin it, or -1
     * @param flags for the JVM
     * @param arguments for {@code dev.sluice.bench.Main}, the first is the subcommand
     */
    public static ChildProcess jvm(int core, List<String> flags, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("dev.sluice.bench.Main");
        command.addAll(arguments);
        return start(core, command, String.join(" ", arguments));
    }

    /**
     * Starts another program.
     *
     * @param core where to pin it, or -1
     * @param command the program and its arguments
     */
    public static ChildProcess program(int core, List<String> command) throws IOException {
        return start(core, command, String.join(" ", command));
    }

    private static ChildProcess start(int core, List<String> command, String name) throws IOException {
        List<String> pinned = new ArrayList<>(Pinning.prefix(core));
        pinned.addAll(command);
        Process process = new ProcessBuilder(pinned)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new ChildProcess(name, process);
    }

    /** Returns the process number; {@code taskset} becomes the program, so it is the program's. */
    public long pid() {
        return process.pid();
    }

    /** Sends a line and returns the line that comes back. */
    public String ask(String order, Duration limit) throws IOException {
        orders.write(order);
        orders.newLine();
        orders.flush();
        return answer(limit);
    }

    /** Returns the next line. The process is ended if it takes longer than {@code limit}. */
    public String answer(Duration limit) throws IOException {
        Executor atLimit = CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Process> watchdog = CompletableFuture.supplyAsync(process::destroyForcibly, atLimit);
        String line = answers.readLine();
        watchdog.cancel(false);
        if (line == null) {
            throw new IOException(name + ": ended without an answer within " + limit + ", see its standard error");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        try {
            orders.close();
        } catch (IOException e) {
            process.destroyForcibly(); // it ended by itself: its pipe is broken
        }
        try {
            if (!process.waitFor(EXIT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + ": interrupted while it ended");
        } finally {
            answers.close();
        }
    }
}
