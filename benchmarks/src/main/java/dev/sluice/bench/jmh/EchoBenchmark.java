package dev.sluice.bench.jmh;

import dev.sluice.bench.echo.PingPongLoad;
import dev.sluice.bench.echo.SluiceEchoServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** A 64-byte message to a server in this process and back, from a blocking socket on the benchmark's thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class EchoBenchmark {
    /** How the server is reached. */
    @Param({"tcp", "unix"})
    public String transport;

    /** What the server's loop does when idle. */
    @Param({"BLOCK", "SPIN", "BUSY"})
    public Idle idle;

    private Path folder;
    private SluiceEchoServer server;
    private PingPongLoad client;

    /** Starts the server and connects. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        folder = Files.createTempDirectory("echo");
        String requested = transport.equals("tcp") ? "tcp://127.0.0.1:0" : "unix://" + folder.resolve("echo.sock");
        server = new SluiceEchoServer(requested, idle.strategy());
        client = PingPongLoad.connect(server.endpoint());
    }

    /** One message there and back. */
    @Benchmark
    public void roundTrip() throws IOException {
        client.roundTrip();
    }

    /** Ends the server. */
    @TearDown(Level.Trial)
    public void stop() throws IOException {
        client.close();
        server.close();
        Files.delete(folder);
    }
}
