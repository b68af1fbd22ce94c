package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.ComparisonReport;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.RoundOptions;
import dev.sluice.bench.harness.RoundPlan;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code benchmarks/run yamux}: each implementation with itself at the other end, client and server in processes of their own. */
@Command(
        name = "yamux",
        description =
                "Yamux: Sluice, with loops that wait in three ways, with threads, and without yamux, beside hashicorp/yamux and libp2p/go-yamux.")
public final class YamuxCommand implements Callable<Integer> {
    @Mixin
    private RoundOptions options = new RoundOptions(5);

    @Option(
            names = "--only",
            split = ",",
            description = "Implementations to measure, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "sluice,sluice_block,sluice_spin,sluice_threads,bare_connections,hashicorp,libp2p")
    private List<YamuxPeer> peers;

    @Option(
            names = "--tests",
            split = ",",
            description = "What to measure, of ${COMPLETION-CANDIDATES}: the first two with large windows, too.",
            defaultValue = "bulk,bulk_8,small,echo,open_close,beside")
    private Set<YamuxTest> tests;

    @Option(names = "--wire", description = "Transport, of ${COMPLETION-CANDIDATES}.", defaultValue = "tcp")
    private Wire wire;

    @Override
    public Integer call() throws IOException {
        Path program = Path.of("");
        Map<String, String> versions = Map.of();
        if (peers.stream().anyMatch(YamuxPeer::isGo)) {
            try {
                program = GoProgram.build();
                versions = GoProgram.versions(program);
            } catch (IOException e) {
                System.err.println(e.getMessage());
                return 1;
            }
        }
        measure(program, versions);
        return 0;
    }

    private void measure(Path program, Map<String, String> versions) throws IOException {
        RoundPlan plan = options.plan();
        Map<String, String> environment = Environment.describe(plan.flags(), plan.pinning());
        environment.putAll(versions);
        environment.put("wire", wire.label());
        environment.put("rounds", options.description());
        ComparisonReport<YamuxPeer, YamuxTest> report = new ComparisonReport<>(
                "yamux",
                environment,
                "windows",
                new YamuxRounds(plan, peers, tests, wire, program).run(),
                "the better of Go's two");
        System.out.print(report.text());
        if (options.json().isPresent()) {
            report.writeJson(options.json().get());
        }
    }
}
