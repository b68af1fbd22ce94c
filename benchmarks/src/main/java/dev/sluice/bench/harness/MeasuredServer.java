package dev.sluice.bench.harness;

import java.io.IOException;

/** A server that is measured, in a process of its own. */
public interface MeasuredServer extends AutoCloseable {
    /** Returns where it listens, as a URI with the port that was bound. */
    String endpoint();

    @Override
    void close() throws IOException;

    /** All that such a process does: prints where the server listens, and closes it when the standard input ends. */
    static void serveUntilInputEnds(MeasuredServer server) throws IOException {
        try (server) {
            System.out.println(server.endpoint());
            while (System.in.read() >= 0) {
                // Nothing to say to it: the end is all we wait for.
            }
        }
    }
}
