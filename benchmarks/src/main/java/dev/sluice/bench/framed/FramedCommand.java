package dev.sluice.bench.framed;

import dev.sluice.bench.harness.ComparisonReport;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.RoundOptions;
import dev.sluice.bench.harness.RoundPlan;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code benchmarks/run framed}: the framed RPC beside what there would be without any RPC. */
@Command(
        name = "framed",
        description =
                "The framed RPC: octets beside plain copy loops, files beside transferTo, JSON calls beside echoes.")
public final class FramedCommand implements Callable<Integer> {
    private static final long MEBIBYTE = 1 << 20;

    @Mixin
    private RoundOptions options = new RoundOptions(3);

    @Option(
            names = "--only",
            split = ",",
            description = "What to measure, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "framed,framed_plain,loop")
    private List<FramedPeer> peers;

    @Option(
            names = "--wire",
            split = ",",
            description = "Transports, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "tcp,unix,memory")
    private List<FramedWire> wires;

    @Option(
            names = "--tests",
            split = ",",
            description = "Tests, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "down,up,file,call")
    private List<FramedTest> tests;

    @Option(names = "--mebibytes", description = "Size of the file, and of each body of octets.", defaultValue = "256")
    private int mebibytes;

    @Override
    public Integer call() throws IOException {
        RoundPlan plan = options.plan();
        Map<String, String> environment = Environment.describe(plan.flags(), plan.pinning());
        environment.put("octets", mebibytes + " MiB; a file in the page cache");
        environment.put("rounds", options.description());
        ComparisonReport<FramedPeer, FramedTest> report = new ComparisonReport<>(
                "framed",
                environment,
                "transport",
                new FramedRounds(plan, peers, wires, tests, mebibytes * MEBIBYTE).run(),
                "the plain loop");
        System.out.print(report.text());
        if (options.json().isPresent()) {
            report.writeJson(options.json().get());
        }
        return 0;
    }
}
