package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The client's end of a connection until the server has answered: writes magic and request together, reads the answer and not a
 * byte more. Loop-confined, but for {@link #abort}.
 */
final class ClientHandshake implements ConnectionHandler {
    private final StreamClientCall<?, ?> call;
    private final ByteBuffer[] output;
    private final long deadlineNanos;
    private final FrameReader frame = new FrameReader();
    private volatile Connection connection;
    private volatile StreamRpcException aborted;
    private Timeout deadline;
    private boolean answered;

    ClientHandshake(StreamClientCall<?, ?> call, ByteBuffer request, long deadlineNanos) {
        this.call = call;
        this.output = new ByteBuffer[] {ByteBuffer.wrap(StreamRpc.MAGIC.bytes()), request};
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void onAttached(Connection opened) throws TransportException {
        connection = opened;
        if (aborted != null) {
            opened.abort(aborted);
            return;
        }
        EventLoop loop = opened.loop();
        deadline = loop.scheduleAt(deadlineNanos, () -> opened.abort(timeout()));
        opened.whenClosed(cause -> deadline.cancel());
        onWritable(opened);
    }

    private static StreamRpcException timeout() {
        return StreamRpcException.failure(Reason.TIMEOUT, "streamrpc client: receive handshake: i/o timeout", null);
    }

    @Override
    public void onWritable(Connection c) throws TransportException {
        try {
            c.write(output, 0, output.length);
        } catch (TransportException e) {
            // The server may have answered before it read everything, and closed; its answer counts, but it is lost
            // here.
            throw StreamRpcException.failure(e.reason(), "streamrpc client: send handshake: " + e.getMessage(), e);
        }
    }

    @Override
    public void onReadable(Connection c) throws TransportException {
        int n;
        do {
            n = c.read(frame.space());
            if (n < 0) {
                throw receiveFailure(frame.endOfInput());
            }
            if (advance()) {
                c.pauseReading();
                answered(c);
                return;
            }
        } while (n > 0);
    }

    private boolean advance() throws StreamRpcException {
        try {
            return frame.advance();
        } catch (TransportException e) {
            throw receiveFailure(e);
        }
    }

    private static StreamRpcException receiveFailure(TransportException e) {
        return StreamRpcException.failure(e.reason(), "streamrpc client: receive handshake: " + e.getMessage(), e);
    }

    private void answered(Connection c) throws StreamRpcException {
        Optional<Response.Rejection> rejection;
        try {
            rejection = Response.parse(frame.payload());
        } catch (BadResponseException e) {
            throw StreamRpcException.failure(
                    Reason.PROTOCOL_ERROR, "streamrpc client: unmarshal handshake response: " + e.getMessage(), e);
        }
        if (rejection.isPresent()) {
            throw StreamRpcException.rejection(
                    rejection.get().error(), rejection.get().status());
        }
        answered = true;
        deadline.cancel();
        call.accepted(c);
    }

    /** Gives up. Any thread. */
    void abort(StreamRpcException why) {
        aborted = why;
        Connection opened = connection;
        if (opened != null) {
            opened.loop()
                    .post(
                            () -> { // or the loop has ended and has closed the connection
                                if (!answered) {
                                    opened.abort(why);
                                }
                            });
        }
    }

    @Override
    public void onClosed(Connection c, TransportException cause) {
        if (!answered) {
            call.fail(cause instanceof StreamRpcException ours ? ours : receiveFailure(cause));
        }
    }
}
