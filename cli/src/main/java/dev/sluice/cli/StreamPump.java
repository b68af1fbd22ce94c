package dev.sluice.cli;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Connects a stream with an input and an output until the server ends it. The server decides when it is over: that it did not read
 * all of the input is no failure.
 */
final class StreamPump {
    private static final Logger LOG = System.getLogger(StreamPump.class.getName());
    private static final int BUFFER_BYTES = 64 << 10;

    private final ByteStream stream;
    private final InputStream in;
    private final OutputStream out;
    private volatile Optional<IOException> inputFailure = Optional.empty();

    StreamPump(ByteStream stream, InputStream in, OutputStream out) {
        this.stream = stream;
        this.in = in;
        this.out = out;
    }

    /** Blocks until the server has ended the stream. */
    void run() throws IOException {
        Thread sender = new Thread(this::send, "sluice-stdin");
        sender.setDaemon(true); // it may wait for input that never comes
        sender.start();
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            for (int n = stream.read(ByteBuffer.wrap(bytes)); n >= 0; n = stream.read(ByteBuffer.wrap(bytes))) {
                out.write(bytes, 0, n);
            }
            out.flush();
        } catch (TransportException e) {
            throw inputFailure.isPresent() ? inputFailure.get() : e;
        }
        if (inputFailure.isPresent()) {
            throw inputFailure.get();
        }
    }

    private void send() {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                stream.write(ByteBuffer.wrap(bytes, 0, n));
            }
            stream.shutdownOutput();
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, "the server reads no more; the thread that reads from it knows why", e);
        } catch (IOException e) {
            inputFailure = Optional.of(new IOException("cannot read standard input: " + e.getMessage(), e));
            stream.abort(); // what was sent must not look complete
        }
    }
}
