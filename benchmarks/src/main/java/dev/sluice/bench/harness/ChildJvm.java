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
 * A JVM of this program's class path in a process of its own, which is told what to do line by line and answers line by line. It
 * ends when its standard input does, so none outlives the benchmark. Not thread-safe.
 */
public final class ChildJvm implements AutoCloseable {
    private static final long EXIT_LIMIT_SECONDS = 10;

    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;

    private ChildJvm(String name, Process process) {
        this.name = name;
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts one.
     *
     * @param core where to pin it, or -1
     * @param flags for the JVM
     * @param arguments for {@code dev.sluice.bench.Main}, the first is the subcommand
     */
    public static ChildJvm start(int core, List<String> flags, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(Pinning.prefix(core));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("dev.sluice.bench.Main");
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new ChildJvm(String.join(" ", arguments), process);
    }

    /** Returns the process number; {@code taskset} becomes the JVM, so it is the JVM's. */
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
