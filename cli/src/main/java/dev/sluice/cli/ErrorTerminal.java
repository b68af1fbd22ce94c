package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether standard error is a terminal. {@code System.console()} does not say: it speaks of input and output together until JDK 21,
 * and is always there from 22 on. So this looks where Linux says what descriptor 2 is, and asks the shell's {@code test} elsewhere.
 */
final class ErrorTerminal {
    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/2");

    private ErrorTerminal() {}

    /** Returns whether progress is worth showing: on a terminal that can go back to the start of a line. */
    static boolean isThere(Map<String, String> environment) {
        if ("dumb".equals(environment.get("TERM"))) {
            return false;
        }
        try {
            return isTerminal(Files.readSymbolicLink(DESCRIPTOR).toString());
        } catch (IOException | UnsupportedOperationException e) {
            return shellSaysSo();
        }
    }

    private static boolean isTerminal(String device) {
        return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
    }

    private static boolean shellSaysSo() {
        try {
            return new ProcessBuilder("sh", "-c", "test -t 2")
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // no shell: no terminal that we know of
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
