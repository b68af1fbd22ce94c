package dev.sluice.streamrpc.framed.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/**
 * The server's end of a connection until its first header, or its banner, is there: a client that is slow with it costs a buffer and no thread.
 * Judges nothing: what it has is read again by the thread that serves the connection. Loop-confined.
 */
public final class FirstRequest implements ConnectionHandler {
    private static final Logger LOG = System.getLogger(FirstRequest.class.getName());
    /** The longest header in a few frames; one in more of them is the serving thread's from there on. */
    private static final int BUFFER_BYTES = 8 << 10;

    private final ServerConfig server;
    private final Handshake handshake;
    private final MessageDecoder decoder;
    private Optional<PooledBuffer> pooled = Optional.empty();
    private int scanned;

    /** Creates the handler of one connection. */
    public FirstRequest(ServerConfig server, Handshake handshake) {
        this.server = server;
        this.handshake = handshake;
        this.decoder = new MessageDecoder(server.extended());
        decoder.begin(MessageKind.HEADER, CallHeader.MAX_BYTES);
    }

    @Override
    public void onReadable(Connection connection) throws IOException {
        if (pooled.isEmpty()) {
            pooled = Optional.of(connection.loop().buffers().acquire(BUFFER_BYTES));
        }
        ByteBuffer bytes = pooled.get().buffer();
        int n = connection.read(bytes);
        if (n < 0) {
            LOG.log(Level.DEBUG, "{0}: ended before its first request", connection);
            handshake.failed();
            connection.close();
        } else if (!bytes.hasRemaining() || isWorthAThread(bytes.duplicate().flip())) {
            connection.pauseReading();
            begin(connection);
        } else if (bytes.position() == 0) {
            release(); // a false alarm: who has sent nothing holds nothing
        }
    }

    private boolean isWorthAThread(ByteBuffer bytes) {
        try {
            return server.extended() ? Banner.read(bytes).isPresent() : isHeader(bytes);
        } catch (TransportException e) {
            return true; // whoever serves it will find out, and say so
        }
    }

    private boolean isHeader(ByteBuffer bytes) throws TransportException {
        bytes.position(scanned);
        while (true) {
            MessageDecoder.Step step = decoder.next(bytes);
            int n = Math.min(bytes.remaining(), decoder.payloadBytes());
            if (step == MessageDecoder.Step.PAYLOAD && n > 0) {
                decoder.took(n);
                bytes.position(bytes.position() + n);
            } else {
                scanned = bytes.position();
                return step == MessageDecoder.Step.END || step == MessageDecoder.Step.OVER_LIMIT;
            }
        }
    }

    private void begin(Connection connection) {
        PooledBuffer first = pooled.orElseThrow();
        pooled = Optional.empty();
        first.buffer().flip();
        try {
            server.executor().execute(() -> serve(connection, first));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "no thread for " + connection, e);
            first.release();
            refuse(connection);
        }
    }

    private void serve(Connection connection, PooledBuffer first) {
        ByteStream stream;
        try {
            stream = connection.blocking();
        } catch (TransportException e) {
            first.release();
            LOG.log(Level.DEBUG, "{0}: gone before its first request was looked at: {1}", connection, e.getMessage());
            return;
        }
        Link link = new Link(stream, server.extended());
        link.input().start(first);
        KeepAlive.start(link, server.keepAlive());
        new ServedConnection(server, link, handshake).run();
    }

    /** All threads are in use. */
    private void refuse(Connection connection) {
        handshake.failed();
        try {
            ByteBuffer reset = ByteBuffer.allocate(FrameHead.BYTES);
            FrameHead.put(reset, FrameType.RESET, true, 0);
            connection.write(reset.flip());
            LingeringClose.start(connection);
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, "{0}: gone before it was refused: {1}", connection, e.getMessage());
        }
    }

    private void release() {
        pooled.ifPresent(PooledBuffer::release);
        pooled = Optional.empty();
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        release();
        LOG.log(Level.DEBUG, "no call of {0}: {1}", connection, cause.getMessage());
    }
}
