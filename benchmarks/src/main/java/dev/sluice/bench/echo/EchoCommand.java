package dev.sluice.bench.echo;

import dev.sluice.bench.harness.ComparedResults;
import dev.sluice.bench.harness.ComparisonReport;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.NettyTransport;
import dev.sluice.bench.harness.RoundOptions;
import dev.sluice.bench.harness.RoundPlan;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code benchmarks/run echo}. */
@Command(
        name = "echo",
        description = "64-byte echo: Sluice beside Netty's NIO and epoll transports, over TCP and Unix sockets.")
public final class EchoCommand implements Callable<Integer> {
    @Mixin
    private RoundOptions options = new RoundOptions(5);

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
    private List<Wire> wires;

    @Override
    public Integer call() throws IOException {
        RoundPlan plan = options.plan();
        Map<String, String> environment = Environment.describe(plan.flags(), plan.pinning());
        environment.put("netty", NettyTransport.version());
        environment.put("rounds", options.description());
        Map<String, ComparedResults<EchoPeer, EchoTest>> results = new LinkedHashMap<>();
        new EchoRounds(plan, List.copyOf(EnumSet.copyOf(peers)), List.copyOf(EnumSet.copyOf(wires)))
                .run()
                .forEach((wire, found) -> results.put(wire.label(), found));
        ComparisonReport<EchoPeer, EchoTest> report =
                new ComparisonReport<>("echo", environment, "transport", results, "the better of Netty's two");
        System.out.print(report.text());
        if (options.json().isPresent()) {
            report.writeJson(options.json().get());
        }
        return 0;
    }
}
