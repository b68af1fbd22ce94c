package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Measurement;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The client in a process of its own, the same for all servers. */
@Command(name = "grpc-client", description = "Runs the measurements that its standard input orders.", hidden = true)
public final class GrpcClientCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        Measurement.answerAll(GrpcTest.class, GrpcTest::open);
        return 0;
    }
}
