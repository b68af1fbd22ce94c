package dev.sluice.cli.demo;

import dev.sluice.cli.echo.EchoServer;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.cli.files.FileServer;
import dev.sluice.cli.interop.CallServer;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.Endpoints;
import dev.sluice.streamrpc.framed.FramedRpc;
import dev.sluice.streamrpc.framed.JacksonBodies;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Shows that everything works on this machine: a server on TCP, a Unix socket and memory in this process, and with TLS on the first
 * two, with data made for the occasion, and clients that check what arrives. Files that it moves are not forced to the disk, which would measure the
 * disk. Leaves nothing behind. One use, one thread, which may be interrupted.
 */
public final class Demo {
    /** Each of the concurrent calls needs a byte of its own. */
    public static final long MIN_BYTES = 1024;

    private static final int WAIT_SECONDS = 10;
    private static final BodyCodec JSON = JacksonBodies.create();
    /** What else lies beside the data and one copy of it. */
    private static final long MARGIN_BYTES = 64 << 20;

    private final Path parent;
    private final long size;

    /**
     * @param parent where the temporary directory is made
     * @param size of the data, at least {@link #MIN_BYTES}
     */
    public Demo(Path parent, long size) {
        if (size < MIN_BYTES) {
            throw new IllegalArgumentException("the size must be at least " + MIN_BYTES + " bytes, is " + size);
        }
        this.parent = parent;
        this.size = size;
    }

    /**
     * Runs all checks. A check that fails does not end the run.
     *
     * @param listener is told of each at once
     */
    public List<Check> run(Consumer<Check> listener) throws IOException, InterruptedException {
        requireRoom();
        try (DemoDirectory directory = new DemoDirectory(parent)) {
            Path root = Files.createDirectory(directory.path().resolve("root"));
            Files.createDirectory(root.resolve(Site.REPOSITORY));
            SplittableRandom random =
                    new SplittableRandom(ThreadLocalRandom.current().nextLong());
            DemoData data = DemoData.create(root.resolve("data"), size, random);
            Site site = new Site(data, root, directory.path().resolve("received"));
            return run(site, directory.path(), listener);
        }
    }

    private void requireRoom() throws IOException {
        long usable = Files.getFileStore(parent).getUsableSpace();
        long needed = 2 * size + MARGIN_BYTES;
        if (usable < needed) {
            throw new IOException("no room for the demo in '" + parent + "': it needs " + needed + " bytes, " + usable
                    + " are free; use a smaller --size, or another directory (--dir)");
        }
    }

    private static List<Check> run(Site site, Path directory, Consumer<Check> listener)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "sluice-demo");
            thread.setDaemon(true);
            return thread;
        });
        FileRoot root = FileRoot.of(site.root());
        DemoTls tls = DemoTls.create();
        Path framedTarget = directory.resolve("framed");
        Endpoints.Builder framed = Endpoints.builder(JSON)
                .annotated(new FramedEndpoints(site.data().file(), framedTarget));
        HealthStatusManager health = new HealthStatusManager(); // which serves unless told otherwise
        try (FileServer fileServer = FileServer.withoutSync(root);
                EventLoopGroup loops = EventLoopGroup.builder().build();
                SluiceServer server = SluiceServer.builder()
                        .group(loops)
                        .listen(Endpoint.tcp("127.0.0.1", 0))
                        .listen(Endpoint.unix(directory.resolve("socket")))
                        .listen(Endpoint.memory(directory.toString()))
                        .listen(Endpoint.tcp("127.0.0.1", 0).with(tls.server()))
                        .listen(Endpoint.unix(directory.resolve("tls-socket")).with(tls.server()))
                        .protocol(StreamRpc.serve(s -> s.addService(fileServer).addService(new EchoServer(root))))
                        .protocol(Grpc.serve(b -> b.addService(
                                        new BlobService(site.data().file()))
                                .addService(new CallServer())
                                .addService(new SidechannelBlobs(site.data().file(), site.written()))
                                .addService(health.getHealthService())))
                        .protocol(FramedRpc.serve(framed.build()))
                        .protocol(Backchannel.serve(new PeerRegistry()))
                        .drainLimit(Duration.ZERO)
                        .start()) {
            Consumer<Check> both = listener.andThen(checks::add);
            for (Endpoint listening : server.endpoints()) {
                Endpoint endpoint = tls.seenByClient(listening);
                try (WireChecks wire = new WireChecks(endpoint, loops, site, threads);
                        GrpcChecks grpc = new GrpcChecks(endpoint, loops, site);
                        BackchannelChecks backchannel = new BackchannelChecks(endpoint, loops, site);
                        SidechannelChecks sidechannel = new SidechannelChecks(endpoint, loops, site);
                        FramedChecks frames = new FramedChecks(endpoint, loops, JSON, site, framedTarget)) {
                    wire.run(both);
                    grpc.run(both);
                    backchannel.run(both);
                    sidechannel.run(both);
                    frames.run(both);
                }
            }
        } finally {
            threads.shutdownNow();
            awaitEnd(threads);
        }
        return checks;
    }

    /** The directory must not be deleted under threads that still write into it. */
    private static void awaitEnd(ExecutorService threads) throws InterruptedException {
        if (!threads.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("threads of the demo did not end within " + WAIT_SECONDS + " s");
        }
    }
}
