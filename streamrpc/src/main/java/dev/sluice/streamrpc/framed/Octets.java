package dev.sluice.streamrpc.framed;

import dev.sluice.streamrpc.framed.internal.ByteOctets;
import dev.sluice.streamrpc.framed.internal.FileOctets;
import dev.sluice.streamrpc.framed.internal.StreamOctets;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;

/**
 * A body that is bytes: what a handler takes or returns, and a caller passes or gets, where the other way is JSON. Can be read once, by one of
 * {@link #inputStream}, {@link #transferTo} and {@link #writeTo}.
 *
 * <p><b>Ownership:</b> octets that are given away - returned by a handler, passed to a call - are closed by whoever got them, whether all were
 * sent or not. A handler's input ends with its call. Octets that a call returned are the caller's to close; closing them before their end closes
 * the connection.
 *
 * <p><b>Failure:</b> octets that were received throw a {@link CallFailedException} where the peer says that its source failed, which it can with
 * extensions only, and a {@link dev.sluice.nio.TransportException} where the connection did. They never end early without either.
 *
 * <p><b>Threading:</b> one thread at a time. What was received may block.
 */
public interface Octets extends Closeable {
    /** Returns octets of bytes, which are not copied. */
    static Octets of(byte[] bytes) {
        return new ByteOctets(bytes);
    }

    /** Returns all that a stream has. It is read on a thread of its own where that is needed, and closed with the octets. */
    static Octets of(InputStream stream) {
        return new StreamOctets(stream);
    }

    /**
     * Returns a range of a file, which goes to the peer by the path that is fastest on the transport, as {@code sendfile}.
     *
     * @param file closed with the octets
     * @param position where in the file to begin, at least 0
     * @param count how many bytes, at least 0; if the file has less, sending fails
     */
    static Octets of(FileChannel file, long position, long count) {
        return new FileOctets(file, position, count);
    }

    /** Returns how many bytes there are, if that is known; of octets that are received it is not. */
    OptionalLong length();

    /** Returns the bytes as a stream, the same one each time. Closing it closes the octets. */
    InputStream inputStream();

    /**
     * Writes the bytes into a file, straight from the connection where they come from one.
     *
     * @param position where in the file to begin, at least 0
     * @return how many there were
     */
    long transferTo(FileChannel target, long position) throws IOException;

    /** Writes the bytes to a sink. Whatever it throws tells the peer that this source has failed, unless the sink threw it. */
    void writeTo(OctetSink sink) throws IOException;

    /** Releases what the bytes come from. Idempotent. */
    @Override
    void close() throws IOException;
}
