package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import dev.sluice.nio.ByteStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** A connection whose reader and writer are threads that block. Thread-safe as the stream is. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing here needs the monitor
public final class StreamSocket extends ConnectionSocket {
    private final ByteStream stream;
    private final InputStream input;
    private final OutputStream output;

    private StreamSocket(ByteStream stream, InputStream input, OutputStream output) {
        super(stream.connection());
        this.stream = stream;
        this.input = input;
        this.output = output;
    }

    /** Returns the client's end of {@code stream}, which it owns from here on. */
    static StreamSocket client(ByteStream stream) {
        return new StreamSocket(stream, stream.inputStream(), stream.outputStream());
    }

    /**
     * Returns the server's end of {@code stream}, which it owns from here on, and whose client is watched.
     *
     * @param breaches told what the client did, if that ends its connection
     */
    static StreamSocket server(ByteStream stream, FrameGuard guard, Consumer<Http2Breach> breaches) {
        StreamOutput output =
                new StreamOutput(stream, (length, type, flags, id, value) -> guard.sent(type, flags, id, value));
        return new StreamSocket(stream, new GuardedInput(stream, output, guard, breaches), output);
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void close() {
        stream.close();
    }

    @Override
    public boolean isClosed() {
        return !stream.isOpen();
    }
}
