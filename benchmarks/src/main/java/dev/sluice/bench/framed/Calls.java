package dev.sluice.bench.framed;

import java.io.IOException;

/** What a client asks of its server, by whatever means. What comes back is compared to what was asked for. Not thread-safe. */
interface Calls extends AutoCloseable {
    /** Gets {@code bytes} that the server makes, and returns how many came. */
    long download(long bytes) throws IOException;

    /** Sends {@code bytes} that this side makes, and returns how many the server got. */
    long upload(long bytes) throws IOException;

    /** Gets the server's file over a connection that is made for that, and returns how many bytes it has. */
    long fetchFile() throws IOException;

    /** Sends a little and waits until it is back. */
    void echo() throws IOException;

    @Override
    void close() throws IOException;
}
