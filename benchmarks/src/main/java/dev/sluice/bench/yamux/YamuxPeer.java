package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Contender;
import dev.sluice.bench.harness.HandOver;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.IdleStrategy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** The implementations of yamux that are measured side by side, each with itself at the other end. */
public enum YamuxPeer implements Contender {
    /** Handlers on the loop. */
    SLUICE("sluice, block", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            return SluiceYamuxServer.ofSessions(endpoint, window, IdleStrategy.block(), stream -> new LoopScenario());
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new LoopYamuxClient(() -> SluiceStreams.ofSession(endpoint, window, IdleStrategy.block()));
        }
    },
    /** Loops that look again before they sleep: they need no wake-up, which the other side would pay for, too. */
    SLUICE_SPIN("sluice, spin 20 us", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            return SluiceYamuxServer.ofSessions(endpoint, window, SPIN, stream -> new LoopScenario());
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new LoopYamuxClient(() -> SluiceStreams.ofSession(endpoint, window, SPIN));
        }
    },
    /** Threads that block, which is how Go's streams are used. */
    SLUICE_THREADS("sluice, threads", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            ExecutorService threads = HandlerThreads.create("yamux-server", HandlerThreads.DEFAULT_MAX_THREADS);
            ConnectionHandler handler = new HandOver(stream -> threads.execute(new ThreadScenario(stream)));
            return SluiceYamuxServer.ofSessions(endpoint, window, IdleStrategy.block(), stream -> handler);
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new ThreadYamuxClient(() -> SluiceStreams.ofSession(endpoint, window, IdleStrategy.block()));
        }
    },
    /** No yamux, but a connection for each stream, with the handlers of {@link #SLUICE}. */
    BARE_CONNECTIONS("bare connections", "") {
        @Override
        MeasuredServer start(String endpoint, Window window) throws IOException {
            return SluiceYamuxServer.ofConnections(endpoint, IdleStrategy.block(), stream -> new LoopScenario());
        }

        @Override
        YamuxClient connect(String endpoint, Window window, Path program) throws IOException {
            return new LoopYamuxClient(() -> SluiceStreams.ofConnections(endpoint, IdleStrategy.block()));
        }

        @Override
        boolean takesPartIn(YamuxTest test) {
            return test == YamuxTest.BULK || test == YamuxTest.BULK_8;
        }
    },
    HASHICORP("hashicorp/yamux", "hashicorp"),
    LIBP2P("libp2p/go-yamux", "libp2p");

    private static final IdleStrategy SPIN = IdleStrategy.spinThenBlock(Duration.ofNanos(20_000));

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

    /** Returns whether the test says something about it. */
    boolean takesPartIn(YamuxTest test) {
        return true;
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
