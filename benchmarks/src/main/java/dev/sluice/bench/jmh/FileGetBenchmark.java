package dev.sluice.bench.jmh;

import dev.sluice.bench.file.SluiceFileServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A StreamRPC call that fetches a page-cached file from a server in this process: connect, handshake, bytes, end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class FileGetBenchmark {
    private static final int READ_BYTES = 256 << 10;

    /** How the server is reached. */
    @Param({"tcp", "unix", "memory"})
    public String transport;

    /** Size of the file in KiB. */
    @Param({"4", "65536"})
    public int kibibytes;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private Path folder;
    private SluiceFileServer server;
    private StreamRpcClient client;

    /** Writes the file and starts the server. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        folder = Files.createTempDirectory("file-get");
        byte[] content = new byte[kibibytes << 10];
        new Random(1).nextBytes(content);
        Files.write(folder.resolve("data"), content);
        String requested = switch (transport) {
            case "tcp" -> "tcp://127.0.0.1:0";
            case "unix" -> "unix://" + folder.resolve("socket");
            default -> "memory:file-get";
        };
        server = new SluiceFileServer(requested, folder.resolve("data"));
        client = StreamRpcClient.builder(Endpoint.parse(server.endpoint())).build();
    }

    /** One call, to the end of the stream. */
    @Benchmark
    public long get() throws IOException {
        long bytes = 0;
        try (ByteStream stream =
                client.call(TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance())) {
            for (int n = stream.read(buffer.clear()); n >= 0; n = stream.read(buffer.clear())) {
                bytes += n;
            }
        }
        return bytes;
    }

    /** Ends server and client. */
    @TearDown(Level.Trial)
    public void stop() throws IOException {
        client.close();
        server.close();
        Files.delete(folder.resolve("data"));
        Files.delete(folder);
    }
}
