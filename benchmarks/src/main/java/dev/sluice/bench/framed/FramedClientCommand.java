package dev.sluice.bench.framed;

import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.bench.harness.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The other end of a pair, in a process of its own; or both. */
@Command(name = "framed-client", description = "Runs the measurements that its standard input orders.", hidden = true)
public final class FramedClientCommand implements Callable<Integer> {
    @Parameters(index = "0", description = "One of: ${COMPLETION-CANDIDATES}.")
    private FramedPeer peer;

    @Parameters(index = "1", description = "How many bytes each call of a test moves that is about these.")
    private long bytes;

    @Option(names = "--with-server", description = "Serve, too, where the endpoint says.")
    private boolean withServer;

    @Override
    public Integer call() throws IOException {
        Measurement.answerAll(FramedTest.class, this::open);
        return 0;
    }

    private Load open(FramedTest test, String endpoint) throws IOException {
        if (!withServer) {
            return new CallLoad(peer.connect(endpoint), test, bytes);
        }
        MeasuredServer server = peer.start(test, endpoint, Path.of("")); // nobody asks for a file
        return new PairLoad(new CallLoad(peer.connect(endpoint), test, bytes), server);
    }
}
