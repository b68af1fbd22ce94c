package dev.sluice.streamrpc.framed;

import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where {@link Octets} go, on their way to the peer. Confined to one thread, for the time of {@link Octets#writeTo}. */
public interface OctetSink {
    /** Takes all of {@code bytes}, which stay the caller's. Small pieces are gathered; see {@link #flush}. */
    void write(ByteBuffer bytes) throws TransportException;

    /**
     * Takes a range of a file, by the path that is fastest on this transport.
     *
     * @throws java.io.EOFException if the file ends before {@code count} bytes
     */
    void transferFrom(FileChannel source, long position, long count) throws java.io.IOException;

    /** Sends what was gathered: for who does not know when there will be more. */
    void flush() throws TransportException;
}
