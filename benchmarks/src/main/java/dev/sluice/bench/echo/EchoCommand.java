package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.Pinning;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code benchmarks/run echo}. */
@Command(
        name = "echo",
        description = "64-byte echo: Sluice beside Netty's NIO and epoll transports, over TCP and Unix sockets.")
public final class EchoCommand implements Callable<Integer> {
    @Option(names = "--rounds", description = "Rounds for each server.", defaultValue = "5")
    private int rounds;

    @Option(names = "--seconds", description = "Length of each measurement.", defaultValue = "2")
    private double seconds;

    @Option(
            names = "--warm-up",
            description = "Seconds of load on a fresh server before its first measurement; before the others, a third. "
                    + "On one core a server shares with its compiler, Netty takes some 4 s to reach its pace.",
            defaultValue = "5")
    private double warmUpSeconds;

    @Option(
            names = "--only",
            split = ",",
            description = "Servers to measure, of ${COMPLETION-CANDIDATES}. plain_nio is the loop without a framework.",
            defaultValue = "sluice,sluice_spin,sluice_busy,netty_nio,netty_epoll,netty_epoll_busy")
    private List<EchoPeer> peers;

    @Option(
            names = "--wire",
            split = ",",
            description = "Transports, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "tcp,unix")
    private List<EchoRounds.Wire> wires;

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the results as JSON too.")
    private Path json;

    @Option(
            names = "--flags",
            description = "Flags of all JVMs, split at spaces.",
            defaultValue = "-Xms256m -Xmx256m -XX:+UseSerialGC")
    private String flags;

    @Override
    public Integer call() throws IOException {
        Pinning pinning = Pinning.detect();
        EchoRounds.Plan plan = new EchoRounds.Plan(
                rounds,
                Duration.ofMillis(Math.round(seconds * 1000)),
                Duration.ofMillis(Math.round(warmUpSeconds * 1000)),
                List.copyOf(EnumSet.copyOf(peers)),
                List.copyOf(EnumSet.copyOf(wires)),
                allFlags(),
                pinning);
        Map<String, String> environment = Environment.describe(plan.flags(), pinning);
        environment.put("netty", NettyEchoServer.version());
        environment.put("rounds", rounds + " of " + seconds + " s each, " + warmUpSeconds + " s warm-up per server");
        Map<String, EchoResults> results = new LinkedHashMap<>();
        new EchoRounds(plan)
                .run()
                .forEach((wire, found) -> results.put(wire.name().toLowerCase(Locale.ROOT), found));
        EchoReport report = new EchoReport(environment, results);
        System.out.print(report.text());
        if (json != null) {
            report.writeJson(json);
        }
        return 0;
    }

    private List<String> allFlags() {
        List<String> all = new ArrayList<>(List.of(flags.split(" ", -1)));
        if (Runtime.version().feature() >= 24) { // what is meant needs no warning: JCTools and Netty use Unsafe
            all.add("--enable-native-access=ALL-UNNAMED");
            all.add("--sun-misc-unsafe-memory-access=allow");
        }
        return all;
    }
}
