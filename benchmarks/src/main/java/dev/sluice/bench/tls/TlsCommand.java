package dev.sluice.bench.tls;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.Pinning;
import dev.sluice.bench.harness.ProcessorTime;
import dev.sluice.bench.harness.Spread;
import dev.sluice.bench.harness.TextTable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code benchmarks/run tls}: a file and full handshakes over TLS 1.3, AES-128-GCM and P-256, from Sluice, from the same engines by
 * hand, and from openssl; one client for all, in turn.
 */
@Command(
        name = "tls",
        description = "Bulk bytes and full handshakes over TLS 1.3: Sluice beside plain SSLEngine loops and openssl.")
public final class TlsCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final int MEBIBYTE = 1 << 20;
    private static final double GIBIBYTE = 1 << 30;

    @Option(names = "--rounds", description = "Measured rounds.", defaultValue = "7")
    private int rounds;

    @Option(names = "--warm-up", description = "Rounds before those.", defaultValue = "3")
    private int warmUps;

    @Option(names = "--mebibytes", description = "Size of the file.", defaultValue = "1024")
    private int mebibytes;

    @Option(names = "--handshakes", description = "Handshakes in a round.", defaultValue = "1000")
    private int handshakes;

    @Option(
            names = "--only",
            split = ",",
            description = "Of ${COMPLETION-CANDIDATES}.",
            defaultValue = "sluice_jdk,sluice_bc,engine_jdk,engine_bc,openssl")
    private List<TlsPeer> peers;

    @Option(
            names = "--flags",
            split = " ",
            description = "Flags of all JVMs, split at spaces.",
            defaultValue = "-Xms256m -Xmx256m -XX:+UseSerialGC")
    private List<String> flags;

    /** A server that runs. */
    private record Running(ChildProcess process, int port, long pid) {}

    /** What was measured of one server, round by round: speeds, and processor seconds of the server for each unit. */
    private static final class Figures {
        final List<Double> speeds = new ArrayList<>();
        final List<Double> costs = new ArrayList<>();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Pinning pinning = Pinning.detect();
        Map<String, String> environment = Environment.describe(flags, pinning);
        environment.put("file", mebibytes + " MiB, in the page cache");
        environment.put("rounds", rounds + ", after " + warmUps + " for warming up");
        Path folder = Files.createTempDirectory("tls-benchmark");
        try {
            Map<TlsPeer, Figures> bulk = new EnumMap<>(TlsPeer.class);
            Map<TlsPeer, Figures> connects = new EnumMap<>(TlsPeer.class);
            measure(folder, pinning, bulk, connects);
            environment.forEach((name, value) -> System.out.println(name + ": " + value));
            print("bulk", "GiB/s", "server CPU s/GiB", bulk, 2);
            print("full handshakes", "per second", "server CPU s/1000", connects, 2);
            System.out.println("median [min-max] of the rounds; x: ratio, round by round, to the same engine by hand");
        } finally {
            deleteAll(folder);
        }
        return 0;
    }

    private void measure(Path folder, Pinning pinning, Map<TlsPeer, Figures> bulk, Map<TlsPeer, Figures> connects)
            throws IOException, InterruptedException {
        Path file = writeFile(folder);
        makeIdentity(folder);
        Map<TlsPeer, Running> servers = new EnumMap<>(TlsPeer.class);
        try (ChildProcess client = ChildProcess.jvm(pinning.clientCore(), flags, List.of("tls-client"))) {
            for (TlsPeer peer : peers) {
                servers.put(peer, start(peer, folder, file, pinning));
            }
            for (int round = -warmUps; round < rounds; round++) {
                System.err.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
                for (TlsPeer peer : peers) {
                    Running server = servers.get(peer);
                    ask(client, "bulk " + server.port(), server, GIBIBYTE, round < 0, figures(bulk, peer));
                    String order = "handshakes " + server.port() + " " + handshakes;
                    ask(client, order, server, 1, round < 0, figures(connects, peer));
                }
            }
        } finally {
            for (Running server : servers.values()) {
                server.process().close();
            }
        }
        connects.values().forEach(figures -> figures.costs.replaceAll(seconds -> seconds * 1000));
    }

    private static Figures figures(Map<TlsPeer, Figures> all, TlsPeer peer) {
        return all.computeIfAbsent(peer, p -> new Figures());
    }

    private static void ask(
            ChildProcess client, String order, Running server, double unit, boolean warmingUp, Figures figures)
            throws IOException {
        double before = ProcessorTime.ofProcess(server.pid());
        String[] answer = client.ask(order, GRACE).split(" ", -1);
        double units = Long.parseLong(answer[1]) / unit;
        if (!warmingUp) {
            figures.speeds.add(units / (Long.parseLong(answer[0]) / 1e9));
            figures.costs.add((ProcessorTime.ofProcess(server.pid()) - before) / units);
        }
    }

    private Running start(TlsPeer peer, Path folder, Path file, Pinning pinning)
            throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> arguments = List.of(
                "tls-server",
                peer.name(),
                Integer.toString(port),
                file.toString(),
                folder.resolve("server.crt").toString(),
                folder.resolve("server.key").toString());
        ChildProcess process = ChildProcess.jvm(pinning.serverCore(), flags, arguments);
        long pid = Long.parseLong(process.answer(GRACE));
        awaitListening(port);
        return new Running(process, port, pid);
    }

    /** Openssl does not say when it is ready. */
    private static void awaitListening(int port) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                if (attempt == 200) {
                    throw e;
                }
                Thread.sleep(50); // s_server does not say when it listens: all that is left is to ask again
            }
        }
    }

    private Path writeFile(Path folder) throws IOException {
        Path file = folder.resolve("data");
        byte[] piece = new byte[MEBIBYTE];
        new Random(1).nextBytes(piece);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                out.write(piece);
            }
        }
        return file;
    }

    private static void makeIdentity(Path folder) throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                                + " -subj /CN=localhost -days 2 -keyout server.key -out server.crt")
                        .split(" ", -1))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (openssl.waitFor() != 0) {
            throw new IOException("openssl could not make a certificate");
        }
    }

    private void print(String title, String speed, String cost, Map<TlsPeer, Figures> results, int decimals) {
        TextTable table = new TextTable(List.of("server", speed, "x", cost, "x"));
        for (TlsPeer peer : peers) {
            Figures own = results.get(peer);
            Figures reference = results.getOrDefault(peer.reference(), own);
            table.add(List.of(
                    peer.label(),
                    spread(own.speeds).format(decimals),
                    ratio(own.speeds, reference.speeds).format(decimals),
                    spread(own.costs).format(decimals),
                    ratio(own.costs, reference.costs).format(decimals)));
        }
        System.out.println();
        System.out.println(title.toLowerCase(Locale.ROOT));
        System.out.print(table);
    }

    private static Spread spread(List<Double> values) {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static Spread ratio(List<Double> values, List<Double> references) {
        double[] ratios = new double[values.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = values.get(i) / references.get(i);
        }
        return Spread.of(ratios);
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(folder);
    }
}
