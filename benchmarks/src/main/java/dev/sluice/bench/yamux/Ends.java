package dev.sluice.bench.yamux;

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

/** Both ends of a pair: how its server starts and how its client connects. */
interface Ends {
    /** Loops that always look again for a while before they sleep. */
    IdleStrategy SPIN = IdleStrategy.spinThenBlock(Duration.ofNanos(20_000));

    /** Starts a server in this process; none of Go's can. */
    MeasuredServer start(String endpoint, Window window) throws IOException;

    /**
     * Connects to a server of the same kind.
     *
     * @param program that was built of Go's libraries; only these use it
     */
    YamuxClient connect(String endpoint, Window window, Path program) throws IOException;

    /** Sluice's, with handlers on loops that wait in one way or another. */
    record OnLoops(IdleStrategy idle) implements Ends {
        @Override
        public MeasuredServer start(String endpoint, Window window) throws IOException {
            return SluiceYamuxServer.ofSessions(endpoint, window, idle, stream -> new LoopScenario());
        }

        @Override
        public YamuxClient connect(String endpoint, Window window, Path program) {
            return new LoopYamuxClient(() -> SluiceStreams.ofSession(endpoint, window, idle));
        }
    }

    /** Sluice's, with threads that block, which is how Go's streams are used. */
    record OnThreads() implements Ends {
        @Override
        public MeasuredServer start(String endpoint, Window window) throws IOException {
            ExecutorService threads = HandlerThreads.create("yamux-server", HandlerThreads.DEFAULT_MAX_THREADS);
            ConnectionHandler handler = new HandOver(stream -> threads.execute(new ThreadScenario(stream)));
            return SluiceYamuxServer.ofSessions(endpoint, window, IdleStrategy.adaptive(), stream -> handler);
        }

        @Override
        public YamuxClient connect(String endpoint, Window window, Path program) {
            return new ThreadYamuxClient(() -> SluiceStreams.ofSession(endpoint, window, IdleStrategy.adaptive()));
        }
    }

    /** No yamux, but a connection for each stream, with the handlers of {@link OnLoops}. */
    record OfConnections(IdleStrategy idle) implements Ends {
        @Override
        public MeasuredServer start(String endpoint, Window window) throws IOException {
            return SluiceYamuxServer.ofConnections(endpoint, idle, stream -> new LoopScenario());
        }

        @Override
        public YamuxClient connect(String endpoint, Window window, Path program) {
            return new LoopYamuxClient(() -> SluiceStreams.ofConnections(endpoint, idle));
        }
    }

    /** Those of a library of Go, whose server is a program of its own. */
    record InGo(String library) implements Ends {
        /** Returns the command that serves. */
        List<String> server(Path program, String endpoint, Window window) {
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
        public MeasuredServer start(String endpoint, Window window) {
            throw new IllegalArgumentException(library + " serves in a process of its own");
        }

        @Override
        public YamuxClient connect(String endpoint, Window window, Path program) {
            return new GoYamuxClient(program, library, endpoint, window);
        }
    }
}
