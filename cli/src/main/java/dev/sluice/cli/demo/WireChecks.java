package dev.sluice.cli.demo;

import com.google.protobuf.Empty;
import dev.sluice.cli.files.FileClient;
import dev.sluice.cli.files.Progress;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/** All checks of StreamRPC over one wire, one after the other. One thread, and those that it starts. */
final class WireChecks implements AutoCloseable {
    /** An echo goes both ways through the same four threads and shows nothing new beyond this. */
    private static final long MAX_ECHO_BYTES = 256 << 20;

    private static final long WARM_UP_BYTES = 32 << 20;

    private static final String UNKNOWN_METHOD = "sluice.demo.NoSuchService/NoSuchMethod";

    private final String wire;
    private final Site site;
    private final StreamRpcClient calls;
    private final FileClient files;
    private final ExecutorService threads;
    private final CheckRunner runner;

    WireChecks(Endpoint server, EventLoopGroup loops, Site site, ExecutorService threads) {
        this.wire = server.scheme();
        this.site = site;
        this.threads = threads;
        this.calls = StreamRpcClient.builder(server).group(loops).build();
        this.files = new FileClient(calls);
        this.runner = new CheckRunner(wire, site.data());
    }

    void run(Consumer<Check> listener) throws IOException, InterruptedException {
        warmUp();
        listener.accept(echo());
        listener.accept(get());
        listener.accept(put());
        listener.accept(unknownMethod());
        listener.accept(concurrentCalls());
    }

    /** The first calls of a JVM measure how it loads classes and compiles: they are not counted. */
    private void warmUp() throws IOException, InterruptedException {
        echo(Math.min(site.data().size(), WARM_UP_BYTES));
    }

    private Check echo() throws IOException, InterruptedException {
        return echo(Math.min(site.data().size(), MAX_ECHO_BYTES));
    }

    private Check echo(long count) throws IOException, InterruptedException {
        return runner.move("echo", count, site.received(), () -> {
            try (FileChannel source = FileChannel.open(site.data().file(), StandardOpenOption.READ);
                    FileChannel target = create(site.received());
                    EchoCall call = new EchoCall(calls, count)) {
                call.run(source, target, 0, threads);
            }
        });
    }

    private Check get() throws IOException, InterruptedException {
        String name = site.data().file().getFileName().toString();
        return runner.move(
                "get", site.data().size(), site.received(), () -> files.get(name, site.received(), Progress.NONE));
    }

    private Check put() throws IOException, InterruptedException {
        String name = "put-" + wire;
        return runner.move(
                "put",
                site.data().size(),
                site.root().resolve(name),
                () -> files.put(site.data().file(), name, false, Progress.NONE));
    }

    private Check concurrentCalls() throws IOException, InterruptedException {
        ConcurrentEchoes echoes =
                new ConcurrentEchoes(calls, threads, site.data().size());
        return runner.move("concurrent-calls", echoes.totalBytes(), site.received(), () -> {
            try (FileChannel source = FileChannel.open(site.data().file(), StandardOpenOption.READ);
                    FileChannel target = create(site.received())) {
                echoes.run(source, target);
            }
        });
    }

    private Check unknownMethod() throws InterruptedException {
        MethodDescriptor<Empty, Empty> method = MethodDescriptor.<Empty, Empty>newBuilder(
                        ProtoUtils.marshaller(Empty.getDefaultInstance()),
                        ProtoUtils.marshaller(Empty.getDefaultInstance()))
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(UNKNOWN_METHOD)
                .build();
        String expected = "method not found: /" + UNKNOWN_METHOD;
        return runner.ask("unknown-method", () -> {
            try {
                calls.call(method, Empty.getDefaultInstance()).abort();
                return Optional.of("the server accepted a method that it does not have");
            } catch (StreamRpcException e) {
                boolean asExpected = e.isRejection() && expected.equals(e.getMessage());
                return asExpected
                        ? Optional.empty()
                        : Optional.of("expected to be refused with '" + expected + "', got '" + e.getMessage() + "'");
            }
        });
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public void close() {
        files.close();
        calls.close();
    }
}
