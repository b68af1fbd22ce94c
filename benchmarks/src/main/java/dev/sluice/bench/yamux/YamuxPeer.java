package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Contender;
import dev.sluice.bench.harness.HandOver;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ConnectionHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** The implementations of yamux that are measured side by side, each with itself at the other end. */
public enum YamuxPeer implements Contender {
    /** Handlers on the loop. */
    SLUICE("sluice", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            return new SluiceYamuxServer(endpoint, window, stream -> new LoopScenario());
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new LoopYamuxClient(endpoint, window);
        }
    },
    /** Threads that block, which is how Go's streams are used. */
    SLUICE_THREADS("sluice, threads", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            ExecutorService threads = HandlerThreads.create("yamux-server", HandlerThreads.DEFAULT_MAX_THREADS);
            ConnectionHandler handler = new HandOver(stream -> threads.execute(new ThreadScenario(stream)));
            return new SluiceYamuxServer(endpoint, window, stream -> handler);
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new ThreadYamuxClient(endpoint, window);
        }
    },
    HASHICORP("hashicorp/yamux", "hashicorp"),
    LIBP2P("libp2p/go-yamux", "libp2p");

    private final String label;
    private final String library;

    YamuxPeer(String label, String library) {
        this.label = label;
        this.library = library;
    }

    /** Starts a server in this process. */
    MeasuredServer start(String endpoint, Window window) throws IOException {
        throw new IllegalArgumentException(label + " serves in a process of its own");
    }

    /**
     * Connects to a server of the same kind.
     *
     * @param program what Go's need
     */
    YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
        return new GoYamuxClient(program, library, endpoint, window);
    }

    /** Returns whether it is one of Go's. */
    boolean isGo() {
        return !library.isEmpty();
    }

    /** Returns the command that serves with one of Go's libraries. */
    List<String> goServer(Path program, String endpoint, Window window) {
        return List.of(
                program.toString(),
                "yamux",
                "-listen",
                endpoint,
                "-library",
                library,
                "-window",
                Integer.toString(window.bytes()));
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
