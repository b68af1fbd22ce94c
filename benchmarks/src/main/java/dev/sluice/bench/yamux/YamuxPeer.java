package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Contender;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.nio.IdleStrategy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The implementations of yamux that are measured side by side, each with itself at the other end. */
public enum YamuxPeer implements Contender {
    /** Handlers on loops that wait as they do by default. */
    SLUICE("sluice", new Ends.OnLoops(IdleStrategy.adaptive())),
    /** Loops that sleep whenever they have nothing to do: their peer has to wake them. */
    SLUICE_BLOCK("sluice, block", new Ends.OnLoops(IdleStrategy.block())),
    /** Loops that always look again before they sleep. */
    SLUICE_SPIN("sluice, spin 20 us", new Ends.OnLoops(Ends.SPIN)),
    /** Threads that block. */
    SLUICE_THREADS("sluice, threads", new Ends.OnThreads()),
    /** No yamux. With loops that always look again. */
    BARE_CONNECTIONS("bare connections, spin 20 us", new Ends.OfConnections(Ends.SPIN)) {
        @Override
        boolean takesPartIn(YamuxTest test) {
            return test == YamuxTest.BULK || test == YamuxTest.BULK_8;
        }
    },
    HASHICORP("hashicorp/yamux", new Ends.InGo("hashicorp")),
    LIBP2P("libp2p/go-yamux", new Ends.InGo("libp2p"));

    private final String label;

    @SuppressWarnings("ImmutableEnumChecker") // records of what does not change
    private final Ends ends;

    YamuxPeer(String label, Ends ends) {
        this.label = label;
        this.ends = ends;
    }

    /** Starts a server in this process, which none of Go's can. */
    MeasuredServer start(String endpoint, Window window) throws IOException {
        return ends.start(endpoint, window);
    }

    /**
     * Connects to a server of the same kind.
     *
     * @param program that was built of Go's libraries; only these use it
     */
    YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
        return ends.connect(endpoint, window, program);
    }

    /** Returns whether the test says something about it. */
    boolean takesPartIn(YamuxTest test) {
        return true;
    }

    /** Returns whether it is one of Go's. */
    boolean isGo() {
        return ends instanceof Ends.InGo;
    }

    /** Returns the command that serves with one of Go's libraries. */
    List<String> goServer(Path program, String endpoint, Window window) {
        return ((Ends.InGo) ends).server(program, endpoint, window);
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean isReference() {
        return isGo();
    }
}
