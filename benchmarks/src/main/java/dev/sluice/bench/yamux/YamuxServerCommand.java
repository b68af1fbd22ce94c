package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.MeasuredServer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A server in a process of its own: prints where it listens and ends with its standard input. */
@Command(name = "yamux-server", description = "Runs one yamux server until its standard input ends.", hidden = true)
public final class YamuxServerCommand implements Callable<Integer> {
    @Parameters(index = "0", description = "One of: ${COMPLETION-CANDIDATES}.")
    private YamuxPeer peer;

    @Parameters(index = "1", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Window window;

    @Parameters(index = "2", description = "Where to listen, for example tcp://127.0.0.1:0.")
    private String endpoint;

    @Override
    public Integer call() throws IOException {
        MeasuredServer.serveUntilInputEnds(peer.start(endpoint, window));
        return 0;
    }
}
