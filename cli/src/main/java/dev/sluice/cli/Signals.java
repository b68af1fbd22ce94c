package dev.sluice.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into an interrupt of the thread that runs the command, and gives it time to stop in good order: a
 * server to drain, a transfer to delete its temporary file.
 *
 * <p>A command that then ends with 0 (a server that was told to stop) makes the process end with 0; others end as the signal says.
 */
final class Signals {
    /** More than a server's drain limit. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Thread command;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int code;

    private Signals(Thread command) {
        this.command = command;
    }

    static Signals interrupting(Thread command) {
        Signals signals = new Signals(command);
        Runtime.getRuntime().addShutdownHook(new Thread(signals::stop, "sluice-stop"));
        return signals;
    }

    /** The command has ended with an exit code. */
    void finished(int exitCode) {
        code = exitCode;
        finished.countDown();
    }

    private void stop() {
        if (finished.getCount() == 0) {
            return; // the end that the command itself has chosen
        }
        command.interrupt();
        try {
            if (finished.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS) && code == 0) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
