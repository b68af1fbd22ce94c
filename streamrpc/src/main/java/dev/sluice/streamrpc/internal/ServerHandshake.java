package dev.sluice.streamrpc.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;

/**
 * The server's end of a connection until its request is complete: reads the frame and not a byte more, then hands it to the
 * executor, where everything else happens. Loop-confined.
 */
public final class ServerHandshake implements ConnectionHandler {
    private static final Logger LOG = System.getLogger(ServerHandshake.class.getName());

    private final ServerConfig server;
    private final Handshake handshake;
    private final FrameReader frame = new FrameReader();
    /** What this connection has of the server's {@link RequestMemory}. */
    private long chargedBytes;

    /** Creates the handler of one connection, whose magic has been read. */
    public ServerHandshake(ServerConfig server, Handshake handshake) {
        this.server = server;
        this.handshake = handshake;
    }

    @Override
    public void onReadable(Connection connection) throws TransportException {
        int n;
        do {
            n = connection.read(frame.space());
            if (n < 0) {
                giveUp(connection, frame.endOfInput());
                return;
            }
            boolean complete;
            try {
                complete = frame.advance();
                charge(frame.heldBytes());
            } catch (TransportException e) {
                giveUp(connection, e);
                return;
            }
            if (complete) {
                connection.pauseReading();
                begin(connection);
                return;
            }
        } while (n > 0);
    }

    private void charge(long heldBytes) throws TransportException {
        server.requestMemory().add(heldBytes - chargedBytes);
        chargedBytes = heldBytes;
    }

    private void discharge() {
        server.requestMemory().release(chargedBytes);
        chargedBytes = 0;
    }

    /** Closes without an answer and without a reset, as the Go server does: whoever sends this does not speak the protocol. */
    private void giveUp(Connection connection, TransportException why) {
        LOG.log(Level.DEBUG, "{0}: request: {1}", connection, why.getMessage());
        handshake.failed();
        connection.close();
    }

    private void begin(Connection connection) {
        discharge();
        ServerSession session = new ServerSession(connection, handshake, server.counters());
        if (server.draining().getAsBoolean()) {
            session.reject("streamrpc: server already stopped");
            return;
        }
        byte[] request = frame.payload();
        connection.whenClosed(cause -> {
            if (cause.reason() != Reason.CLOSED) { // the method's own doing, which cancels nothing
                session.connectionClosed(cause);
            }
        });
        if (!server.idleTimeout().isZero()) {
            IdleLimit.start(connection, server.idleTimeout(), session::isAccepted);
        }
        try {
            server.executor().execute(() -> ServerCalls.run(session, server.methods(), request, server.executor()));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "no thread for " + connection, e);
            session.reject(StatusText.format(Status.RESOURCE_EXHAUSTED.withDescription(
                    "the server is busy: all its handler threads are in use")));
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        discharge();
        LOG.log(Level.DEBUG, "no stream for {0}: {1}", connection, cause.getMessage());
    }
}
