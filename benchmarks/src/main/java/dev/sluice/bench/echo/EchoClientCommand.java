package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Addresses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/**
 * The client in a process of its own, the same for all servers. Each line of its standard input orders a measurement, and is
 * answered with a line of {@code METRIC=value} pairs:
 *
 * <pre>
 *   TEST endpoint server-pid warm-up-millis millis
 * </pre>
 */
@Command(name = "echo-client", description = "Runs the measurements that its standard input orders.")
public final class EchoClientCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            System.out.println(run(order.split(" ", -1)).entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(" ")));
        }
        return 0;
    }

    private static Map<EchoMetric, Double> run(String[] order) throws IOException {
        SocketAddress address = Addresses.parse(order[1]);
        EchoLoad load = switch (EchoTest.valueOf(order[0])) {
            case LATENCY -> new PingPongLoad(address);
            case THROUGHPUT -> new ManyConnectionsLoad(address, EchoTest.CONNECTIONS, 1);
            case PIPELINED -> new ManyConnectionsLoad(address, EchoTest.CONNECTIONS, EchoTest.DEPTH);
        };
        try (load) {
            load.run(Duration.ofMillis(Long.parseLong(order[3])));
            Disturbance before = Disturbance.now(Long.parseLong(order[2]));
            load.run(Duration.ofMillis(Long.parseLong(order[4])));
            Map<EchoMetric, Double> results = load.results();
            before.addUntilNow(load.echoes(), results);
            return results;
        }
    }
}
