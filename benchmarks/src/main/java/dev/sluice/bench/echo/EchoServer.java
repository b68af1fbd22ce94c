package dev.sluice.bench.echo;

import java.io.IOException;

/** A server that sends back what it gets, on one loop thread. */
public interface EchoServer extends AutoCloseable {
    /** Returns where it listens, as a URI with the port that was bound. */
    String endpoint();

    @Override
    void close() throws IOException;
}
