package dev.sluice.cli.demo;

import dev.sluice.streamrpc.framed.EndpointName;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Endpoints of the framed RPC: one of JSON, and a file each way. One call of each at a time. */
final class FramedEndpoints {
    private final Path source;
    private final Path target;

    /**
     * @param source what is sent
     * @param target where what comes is put
     */
    FramedEndpoints(Path source, Path target) {
        this.source = source;
        this.target = target;
    }

    /** How much of the file. */
    record Amount(long bytes) {}

    @EndpointName("Double")
    Amount twice(Amount amount) {
        return new Amount(2 * amount.bytes());
    }

    @EndpointName("Down")
    Octets down(Amount amount) throws IOException {
        return Octets.of(FileChannel.open(source, StandardOpenOption.READ), 0, amount.bytes());
    }

    @EndpointName("Up")
    Amount up(Octets octets) throws IOException {
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            return new Amount(octets.transferTo(file, 0));
        }
    }
}
