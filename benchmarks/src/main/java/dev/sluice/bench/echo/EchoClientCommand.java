package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Measurement;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The client in a process of its own, the same for all servers. */
@Command(name = "echo-client", description = "Runs the measurements that its standard input orders.")
public final class EchoClientCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        Measurement.answerAll(EchoTest.class, EchoClientCommand::open);
        return 0;
    }

    private static Load open(EchoTest test, String endpoint) throws IOException {
        SocketAddress address = Addresses.parse(endpoint);
        return switch (test) {
            case LATENCY -> new PingPongLoad(address);
            case THROUGHPUT -> new ManyConnectionsLoad(address, EchoTest.CONNECTIONS, 1);
            case PIPELINED -> new ManyConnectionsLoad(address, EchoTest.CONNECTIONS, EchoTest.DEPTH);
        };
    }
}
