package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The other end of a pair, in a process of its own. */
@Command(name = "yamux-client", description = "Runs the measurements that its standard input orders.", hidden = true)
public final class YamuxClientCommand implements Callable<Integer> {
    @Parameters(index = "0", description = "One of: ${COMPLETION-CANDIDATES}.")
    private YamuxPeer peer;

    @Parameters(index = "1", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Window window;

    @Parameters(index = "2", description = "The program on Go's libraries; empty if none of these is measured.")
    private Path program;

    @Override
    public Integer call() throws IOException {
        Measurement.answerAll(
                YamuxTest.class, (test, endpoint) -> new YamuxLoad(peer.connect(endpoint, window, program), test));
        return 0;
    }
}
