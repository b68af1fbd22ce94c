package dev.sluice.bench.file;

import dev.sluice.bench.harness.ChildProcess;
import dev.sluice.bench.harness.Environment;
import dev.sluice.bench.harness.Pinning;
import dev.sluice.bench.harness.ProcessorTime;
import dev.sluice.bench.harness.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code benchmarks/run file}: a file out of the page cache over a socket. Every server has a JVM of its own for the whole run, one
 * client fetches from each in turn, so that what changes on the machine meets all alike.
 */
@Command(
        name = "file",
        description =
                "A page-cached file over TCP and Unix sockets: Sluice by StreamRPC and by gRPC, plain loops, and Netty's file region.")
public final class FileCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final int MEBIBYTE = 1 << 20;

    private final Random random = new Random(1);

    @Option(names = "--rounds", description = "Measured transfers from each server.", defaultValue = "9")
    private int rounds;

    @Option(names = "--warm-up", description = "Transfers from each server before that.", defaultValue = "3")
    private int warmUps;

    @Option(names = "--mebibytes", description = "Size of the file.", defaultValue = "1024")
    private int mebibytes;

    @Option(names = "--wire", split = ",", description = "Of ${COMPLETION-CANDIDATES}.", defaultValue = "tcp,unix")
    private List<Wire> wires;

    @Option(names = "--no-pin", description = "Leave both sides to the scheduler.")
    private boolean unpinned;

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the results as JSON too.")
    private Path json;

    @Option(
            names = "--flags",
            split = " ",
            description = "Flags of all JVMs, split at spaces.",
            defaultValue = "-Xms256m -Xmx256m -XX:+UseSerialGC")
    private List<String> flags;

    @Override
    public Integer call() throws IOException {
        Pinning pinning = unpinned ? Pinning.none("not pinned, as asked") : Pinning.detect();
        Map<String, String> environment = Environment.describe(flags, pinning);
        environment.put("file", mebibytes + " MiB, in the page cache");
        environment.put("rounds", rounds + ", after " + warmUps + " for warming up");
        Path folder = Files.createTempDirectory("file-benchmark");
        Map<Wire, FileResults> results = new EnumMap<>(Wire.class);
        try {
            Path file = writeFile(folder);
            for (Wire wire : wires) {
                results.put(wire, measure(wire, folder, file, pinning));
            }
        } finally {
            deleteAll(folder);
        }
        FileReport report = new FileReport(environment, results);
        System.out.print(report.text());
        if (json != null) {
            report.writeJson(json);
        }
        return 0;
    }

    /** What was just written is in the page cache. */
    private Path writeFile(Path folder) throws IOException {
        Path file = folder.resolve("data");
        byte[] piece = new byte[MEBIBYTE];
        random.nextBytes(piece);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                out.write(piece);
            }
        }
        return file;
    }

    private FileResults measure(Wire wire, Path folder, Path file, Pinning pinning) throws IOException {
        FileResults results = new FileResults();
        Map<FilePeer, ChildProcess> servers = new EnumMap<>(FilePeer.class);
        Map<FilePeer, String> endpoints = new EnumMap<>(FilePeer.class);
        try (ChildProcess client = ChildProcess.jvm(pinning.clientCore(), flags, List.of("file-client"))) {
            for (FilePeer peer : FilePeer.values()) {
                String wanted = wire.endpoint(folder.resolve(peer.name()));
                ChildProcess server = ChildProcess.jvm(
                        pinning.serverCore(), flags, List.of("file-server", peer.name(), wanted, file.toString()));
                servers.put(peer, server);
                endpoints.put(peer, server.answer(GRACE));
            }
            List<FilePeer> order = new ArrayList<>(List.of(FilePeer.values()));
            for (int round = -warmUps; round < rounds; round++) {
                System.err.println(wire + (round < 0 ? ", warming up" : ", round " + (round + 1) + " of " + rounds));
                Collections.shuffle(order, random); // no one is always behind the same neighbour
                for (FilePeer peer : order) {
                    FileResults.Transfer transfer = fetch(
                            client, peer, endpoints.get(peer), servers.get(peer).pid());
                    if (round >= 0) {
                        results.add(peer, transfer);
                    }
                }
            }
        } finally {
            for (ChildProcess server : servers.values()) {
                server.close();
            }
        }
        return results;
    }

    private FileResults.Transfer fetch(ChildProcess client, FilePeer peer, String endpoint, long pid)
            throws IOException {
        double processorBefore = ProcessorTime.ofProcess(pid);
        String[] answer = client.ask(peer.name() + " " + endpoint, GRACE).split(" ", -1);
        long bytes = Long.parseLong(answer[1]);
        if (bytes != (long) mebibytes * MEBIBYTE) {
            throw new IOException(peer + ": sent " + bytes + " bytes instead of " + mebibytes + " MiB");
        }
        return new FileResults.Transfer(
                bytes, Long.parseLong(answer[0]), ProcessorTime.ofProcess(pid) - processorBefore);
    }

    private static void deleteAll(Path folder) throws IOException {
        List<Path> left = new ArrayList<>();
        try (var files = Files.list(folder)) {
            files.forEach(left::add);
        }
        for (Path file : left) {
            Files.deleteIfExists(file);
        }
        Files.delete(folder);
    }
}
