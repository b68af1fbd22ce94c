package dev.sluice.bench.framed;

import dev.sluice.bench.harness.MeasuredServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A server in a process of its own: prints where it listens and ends with its standard input. */
@Command(name = "framed-server", description = "Runs one server until its standard input ends.", hidden = true)
public final class FramedServerCommand implements Callable<Integer> {
    @Parameters(index = "0", description = "One of: ${COMPLETION-CANDIDATES}.")
    private FramedPeer peer;

    @Parameters(index = "1", description = "One of: ${COMPLETION-CANDIDATES}.")
    private FramedTest test;

    @Parameters(index = "2", description = "Where to listen, for example tcp://127.0.0.1:0.")
    private String endpoint;

    @Parameters(index = "3", description = "What to send where a file is asked for.")
    private Path file;

    @Override
    public Integer call() throws IOException {
        MeasuredServer.serveUntilInputEnds(peer.start(test, endpoint, file));
        return 0;
    }
}
