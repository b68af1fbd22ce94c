package dev.sluice.cli.demo;

import dev.sluice.cli.demo.FramedEndpoints.Amount;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.streamrpc.framed.BodyCodec;
import dev.sluice.streamrpc.framed.FramedClient;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/** The checks of the framed RPC over one wire, one after the other. One thread. */
final class FramedChecks implements AutoCloseable {
    private static final int CALLS = 100;
    private static final long WARM_UP_BYTES = 16 << 20;

    private final FramedClient client;
    private final Site site;
    private final Path served;
    private final CheckRunner runner;

    /** @param served where the server puts what it gets */
    FramedChecks(Endpoint server, EventLoopGroup loops, BodyCodec codec, Site site, Path served) {
        this.client = FramedClient.builder(server, codec).group(loops).build();
        this.site = site;
        this.served = served;
        this.runner = new CheckRunner(server.scheme(), site.data());
    }

    void run(Consumer<Check> listener) throws IOException, InterruptedException {
        down(Math.min(
                site.data().size(), WARM_UP_BYTES)); // not counted: it measures how the JVM loads classes and compiles
        listener.accept(calls());
        listener.accept(down(site.data().size()));
        listener.accept(up());
        listener.accept(hangUp());
    }

    private Check calls() throws InterruptedException {
        return runner.ask("framed-call", () -> {
            for (int i = 0; i < CALLS; i++) {
                Amount answer = client.call("Double", new Amount(i), Amount.class);
                if (answer.bytes() != 2L * i) {
                    return Optional.of("twice " + i + " came back as " + answer.bytes());
                }
            }
            return Optional.empty();
        });
    }

    private Check down(long bytes) throws IOException, InterruptedException {
        return runner.move("framed-down", bytes, site.received(), () -> {
            try (Octets octets = client.call("Down", new Amount(bytes), Octets.class);
                    FileChannel target = FileChannel.open(
                            site.received(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                octets.transferTo(target, 0);
            }
        });
    }

    private Check up() throws IOException, InterruptedException {
        long bytes = site.data().size();
        return runner.move("framed-up", bytes, served, () -> {
            FileChannel source = FileChannel.open(site.data().file(), StandardOpenOption.READ);
            Amount stored = client.call("Up", Octets.of(source, 0, bytes), Amount.class);
            if (stored.bytes() != bytes) {
                throw new IOException("sent " + bytes + " bytes, the server says that it got " + stored.bytes());
            }
        });
    }

    /** The server has to acknowledge. */
    private Check hangUp() throws InterruptedException {
        return runner.ask("framed-close", () -> {
            client.hangUp();
            return Optional.empty();
        });
    }

    @Override
    public void close() {
        client.close();
    }
}
