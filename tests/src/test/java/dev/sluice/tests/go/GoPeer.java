package dev.sluice.tests.go;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.nio.Endpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A running program of Go's side, and what it prints. Closing it ends its input, and with that the program. Thread-safe. */
final class GoPeer implements AutoCloseable {
    private static final String READY = "ready ";
    private static final JsonFactory JSON = new JsonFactory();

    /** After this a program counts as stuck. */
    private static final int SECONDS = 120;

    private final List<String> command;
    private final Process process;
    /** Of standard output; an empty one is its end. */
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final CountDownLatch errorsEnded = new CountDownLatch(1);

    private GoPeer(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        read(
                "go-output",
                process.getInputStream(),
                line -> lines.add(Optional.of(line)),
                () -> lines.add(Optional.empty()));
        read("go-errors", process.getErrorStream(), errors::add, errorsEnded::countDown);
    }

    static GoPeer start(List<String> command) throws IOException {
        return new GoPeer(command, new ProcessBuilder(command).start());
    }

    private static void read(String name, InputStream source, Consumer<String> each, Runnable end) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(source, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            each.accept(line);
                        }
                    } catch (IOException e) {
                        // The program was killed: what came until then is what there is.
                    } finally {
                        end.run();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until the program serves, and returns where. */
    Endpoint endpoint() throws InterruptedException {
        String line = nextLine().orElseThrow(() -> failed("ended before it was ready"));
        if (!line.startsWith(READY)) {
            throw failed("is not ready but says " + line);
        }
        return Endpoint.parse(line.substring(READY.length()));
    }

    /** Waits for a finding. A list in it is a text of its values, one blank between them. */
    Map<String, String> finding() throws InterruptedException {
        return finding(nextLine().orElseThrow(() -> failed("ended before it had found all")));
    }

    /** Waits for the program's end, which must be a good one, and returns the findings that nobody took. */
    List<Map<String, String>> findings() throws InterruptedException {
        List<Map<String, String>> findings = new ArrayList<>();
        for (Optional<String> line = nextLine(); line.isPresent(); line = nextLine()) {
            findings.add(finding(line.get()));
        }
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw failed("failed");
        }
        return findings;
    }

    /** Waits for the end of a program that must fail, and returns what it says. */
    String failure() throws InterruptedException {
        while (nextLine().isPresent()) {
            // what it found before it failed
        }
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() == 0) {
            throw failed("did not fail");
        }
        errorsEnded.await();
        return String.join("\n", errors);
    }

    /** Ends the program at once, so that it has no time to say anything. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private Optional<String> nextLine() throws InterruptedException {
        Optional<String> line = lines.poll(SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw failed("is stuck");
        }
        if (line.isEmpty()) {
            lines.add(line); // for whoever asks again
        }
        return line;
    }

    private AssertionError failed(String what) {
        return new AssertionError(command + " " + what + ". On standard error: " + String.join("\n", errors));
    }

    private static Map<String, String> finding(String line) {
        Map<String, String> finding = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(line)) {
            String name = "";
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME) {
                    name = parser.currentName();
                } else if (parser.currentToken().isScalarValue()) {
                    finding.merge(name, parser.getText(), (one, next) -> one + " " + next);
                }
            }
            return finding;
        } catch (IOException e) {
            throw new AssertionError("no finding: " + line, e);
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // It has ended already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
