package dev.sluice.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes checks of what goes over one wire: times it, and compares what arrived with what was sent. One thread. */
final class CheckRunner {
    private static final double NANOS_PER_SECOND = 1e9;

    private final String wire;
    private final DemoData data;

    /** @param data what is sent, from its beginning */
    CheckRunner(String wire, DemoData data) {
        this.wire = wire;
        this.data = data;
    }

    /** Moves what a check moves. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Finds out whether something is as it should be. */
    interface Question {
        /** Returns what is wrong; empty if nothing is. */
        Optional<String> ask() throws IOException, InterruptedException;
    }

    /** Runs a check, whose failure is its result, and deletes what arrived once that is hashed. */
    Check move(String name, long bytes, Path arrived, Work work) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        try {
            work.run();
            double seconds = secondsSince(begin);
            String sha256 = DemoData.sha256(arrived);
            String sent = data.sha256(bytes);
            Optional<String> error =
                    sent.equals(sha256) ? Optional.empty() : Optional.of("what was sent has SHA-256 " + sent);
            return new Check(name, wire, bytes, seconds, sha256, error);
        } catch (IOException e) {
            throwIfInterrupted(e);
            return new Check(name, wire, bytes, secondsSince(begin), "", Optional.of(textOf(e)));
        } finally {
            Files.deleteIfExists(arrived);
        }
    }

    /** Runs a check that moves nothing. */
    Check ask(String name, Question question) throws InterruptedException {
        long begin = System.nanoTime();
        Optional<String> error;
        try {
            error = question.ask();
        } catch (IOException e) {
            throwIfInterrupted(e);
            error = Optional.of(textOf(e));
        }
        return new Check(name, wire, 0, secondsSince(begin), DemoData.sha256OfNothing(), error);
    }

    private static void throwIfInterrupted(IOException e) throws InterruptedException {
        if (Thread.interrupted()) {
            throw (InterruptedException) new InterruptedException("interrupted").initCause(e);
        }
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / NANOS_PER_SECOND;
    }

    private static String textOf(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
