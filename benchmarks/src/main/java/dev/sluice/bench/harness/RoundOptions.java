package dev.sluice.bench.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of all benchmarks that measure servers round by round, each of them fresh. */
public final class RoundOptions {
    @Option(names = "--rounds", description = "Rounds for each server.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Length of each measurement.")
    private double seconds = 2;

    @Option(
            names = "--warm-up",
            description = "Seconds of load on a fresh server before its first measurement; before the others, a third. "
                    + "On one core a server shares with its compiler, Netty takes some 4 s to reach its pace.")
    private double warmUpSeconds;

    @Option(names = "--no-pin", description = "Leave both sides to the scheduler.")
    private boolean unpinned;

    @Option(
            names = "--flags",
            split = " ",
            description = "Flags of all JVMs, split at spaces.",
            defaultValue = "-Xms256m -Xmx256m -XX:+UseSerialGC")
    private List<String> flags;

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the results as JSON too.")
    private Path json;

    /** Sets the default of how long fresh servers are warmed up. */
    public RoundOptions(double warmUpSeconds) {
        this.warmUpSeconds = warmUpSeconds;
    }

    /** Returns what to do, on this machine and this JDK. */
    public RoundPlan plan() throws IOException {
        return new RoundPlan(
                rounds,
                millis(seconds),
                millis(warmUpSeconds),
                allFlags(),
                unpinned ? Pinning.none("not pinned, as asked") : Pinning.detect());
    }

    private static Duration millis(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    private List<String> allFlags() {
        List<String> all = new ArrayList<>(flags);
        if (Runtime.version().feature() >= 24) { // what is meant needs no warning: JCTools and Netty use Unsafe
            all.add("--enable-native-access=ALL-UNNAMED");
            all.add("--sun-misc-unsafe-memory-access=allow");
        }
        return all;
    }

    /** Returns how a report describes the rounds. */
    public String description() {
        return rounds + " of " + seconds + " s each, " + warmUpSeconds + " s warm-up per server";
    }

    /** Returns where to write the results as JSON. */
    public Optional<Path> json() {
        return Optional.ofNullable(json);
    }
}
