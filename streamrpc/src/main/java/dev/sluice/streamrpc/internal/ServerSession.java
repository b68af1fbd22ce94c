package dev.sluice.streamrpc.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.TransportException;
import io.grpc.Context;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A call whose request has come: it is answered once, by accepting or by rejecting, and ended once. Thread-safe.
 *
 * <pre>
 *   ASKED --accept--&gt; ACCEPTED --end--&gt; ENDED
 *     |                                   ^
 *     +---------- reject, end ------------+
 * </pre>
 */
public final class ServerSession {
    static final Context.Key<ServerSession> KEY = Context.key("dev.sluice.streamrpc.session");

    private enum State {
        ASKED,
        ACCEPTED,
        ENDED
    }

    private final Connection connection;
    private final Handshake handshake;
    private final CallCounters counters;
    private final AtomicReference<State> state = new AtomicReference<>(State.ASKED);
    /** Set by the blocking way of accepting; the other way gives the connection away. */
    private volatile ByteStream stream;

    /** Why the connection was lost; null while it is not. */
    private volatile TransportException lost;

    private Runnable closeAction = () -> {};

    ServerSession(Connection connection, Handshake handshake, CallCounters counters) {
        this.connection = connection;
        this.handshake = handshake;
        this.counters = counters;
    }

    /** Returns the session of the current context, or throws IllegalStateException. */
    public static ServerSession current() {
        ServerSession session = KEY.get();
        if (session == null) {
            throw new IllegalStateException("context has no serverSession: not within a StreamRPC method");
        }
        return session;
    }

    /** Returns the call's connection. */
    public Connection connection() {
        return connection;
    }

    /** Returns whether this is a stream: the handshake's deadline does not hold any more. */
    boolean isAccepted() {
        return state.get() == State.ACCEPTED;
    }

    /** Answers yes and returns the stream. */
    public ByteStream accept() throws TransportException {
        if (!beginAccept()) {
            throw new TransportException(lost.reason(), "accept session: " + lost.getMessage(), lost);
        }
        try {
            ByteStream accepted = connection.blocking();
            stream = accepted;
            accepted.write(Response.acceptFrame());
            handshake.complete();
            return accepted;
        } catch (TransportException e) {
            onLoop(() -> connection.abort(e));
            throw new TransportException(e.reason(), "accept session: " + e.getMessage(), e);
        }
    }

    /** Answers yes and gives the connection to a handler, which is told its end in any case. */
    public void accept(ConnectionHandler handler) {
        if (beginAccept()) {
            onLoop(() -> connection.handler(WriteThen.handOver(Response.acceptFrame(), handler, handshake::complete)));
        } else {
            onLoop(() -> handler.onClosed(connection, lost));
        }
    }

    /** Returns whether there is anybody to accept; throws IllegalStateException if it was done before. */
    private boolean beginAccept() {
        if (state.compareAndSet(State.ASKED, State.ACCEPTED)) {
            counters.accepted.increment();
            return true;
        }
        if (lost == null) {
            throw new IllegalStateException("connection already accepted, or the call has ended");
        }
        return false;
    }

    /** Answers no, if nothing was answered yet, and closes once the client has read it. */
    void reject(String text) {
        if (state.compareAndSet(State.ASKED, State.ENDED)) {
            counters.rejected.increment();
            onLoop(() -> {
                handshake.failed();
                connection.handler(WriteThen.close(Response.rejectionFrame(text)));
            });
        }
    }

    /** The call is over: rejects it if it was never accepted; else closes the stream, or cuts it if the call failed. */
    void end(Status status) {
        if (lost != null && state.compareAndSet(State.ASKED, State.ENDED)) {
            return; // nobody is left to be told
        }
        if (state.get() == State.ASKED) {
            reject(
                    status.isOk()
                            ? "streamrpc: the method returned without accepting the stream"
                            : StatusText.format(status));
            return;
        }
        if (!state.compareAndSet(State.ACCEPTED, State.ENDED)) {
            return;
        }
        if (!status.isOk()) {
            counters.failed.increment();
        }
        ByteStream accepted = stream;
        if (accepted == null) {
            return; // the handler's now
        }
        if (status.isOk()) {
            accepted.close();
        } else {
            accepted.abort();
        }
    }

    /** Runs {@code action} when the connection was lost, or now if it is. At most one. */
    void whenClosed(Runnable action) {
        boolean now;
        synchronized (this) {
            now = lost != null;
            closeAction = action;
        }
        if (now) {
            action.run();
        }
    }

    /** The connection was lost. On the loop. */
    void connectionClosed(TransportException cause) {
        Runnable action;
        synchronized (this) {
            lost = cause;
            action = closeAction;
        }
        action.run();
    }

    private void onLoop(Runnable task) {
        if (connection.loop().isInLoop()) {
            task.run();
        } else {
            connection.loop().post(task); // or the loop has ended and has closed the connection
        }
    }
}
