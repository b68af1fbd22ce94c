package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.NettyTransport;
import dev.sluice.bench.harness.RoundOptions;
import dev.sluice.bench.harness.RoundPlan;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code benchmarks/run grpc}: unary calls and a stream, one grpc-netty client for all servers. */
@Command(
        name = "grpc",
        description =
                "gRPC over TCP: Sluice beside stock grpc-okhttp and grpc-netty, with the same executors on both sides.")
public final class GrpcCommand implements Callable<Integer> {
    private static final String ANY_PORT = "tcp://127.0.0.1:0";

    private final Random random = new Random();

    @Mixin
    private RoundOptions options = new RoundOptions(10);

    @Option(
            names = "--peers",
            split = ",",
            description = "Servers to measure, of ${COMPLETION-CANDIDATES}.",
            defaultValue = "sluice,okhttp,netty")
    private List<GrpcPeer> peers;

    @Option(
            names = "--executors",
            split = ",",
            description =
                    "Where each of them runs methods, of ${COMPLETION-CANDIDATES}: on the executor that it comes with, "
                            + "on the thread that reads, on two threads.",
            defaultValue = "default,direct")
    private List<ExecutorPolicy> executors;

    @Override
    public Integer call() throws IOException {
        RoundPlan plan = options.plan();
        Map<String, String> environment = Environment.describe(plan.flags(), plan.pinning());
        environment.put("grpc", NettyServerBuilder.class.getPackage().getImplementationVersion());
        environment.put("netty", NettyTransport.version());
        environment.put("rounds", options.description());
        GrpcReport report = new GrpcReport(environment, measure(plan));
        System.out.print(report.text());
        if (options.json().isPresent()) {
            report.writeJson(options.json().get());
        }
        return 0;
    }

    private GrpcResults measure(RoundPlan plan) throws IOException {
        GrpcResults results = new GrpcResults();
        List<GrpcVariant> order = new ArrayList<>(variants());
        try (ChildProcess client = plan.startClient("grpc-client")) {
            for (int round = 1; round <= plan.rounds(); round++) {
                Collections.shuffle(order, random); // no one is always behind the same neighbour
                for (GrpcVariant server : order) {
                    System.err.println("round " + round + " of " + plan.rounds() + ": " + server.label());
                    plan.measure(
                            client,
                            plan.startServer(
                                    "grpc-server",
                                    server.peer().name(),
                                    server.executor().name(),
                                    ANY_PORT),
                            List.of(GrpcTest.values()),
                            (test, measured) -> results.add(server, test, measured));
                }
            }
        }
        return results;
    }

    private Set<GrpcVariant> variants() {
        Set<GrpcVariant> variants = new TreeSet<>();
        for (GrpcPeer peer : peers) {
            executors.forEach(executor -> variants.add(new GrpcVariant(peer, executor)));
        }
        return variants;
    }
}
