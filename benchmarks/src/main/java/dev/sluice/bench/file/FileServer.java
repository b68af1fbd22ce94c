package dev.sluice.bench.file;

import java.io.IOException;

/** A server that sends one file to each client that connects, and then the end. */
public interface FileServer extends AutoCloseable {
    /** Returns where it listens, as a URI with the port that was bound. */
    String endpoint();

    @Override
    void close() throws IOException;
}
