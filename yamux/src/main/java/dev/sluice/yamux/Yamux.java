package dev.sluice.yamux;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.internal.Role;
import dev.sluice.yamux.internal.SessionDriver;
import dev.sluice.yamux.internal.StreamConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A yamux session: many streams over one connection, opened by either side. Every stream is a {@link Connection} on the loop of the
 * one below, with half-close, back-pressure of its own and a blocking view, so that any protocol runs over it unchanged.
 *
 * <pre>
 *                    shutdown()                last stream ended, or drain limit
 *   open ----------------------------&gt; draining ------------------------------&gt; ended
 *    |                                    |                                        ^
 *    |  close()                           | close()                                |
 *    +-----------------------------------&gt;+--&gt; closing - all written, or limit ---+
 *    |                                                                             |
 *    +--- the connection below ends, the peer breaks the protocol or is silent ----+
 * </pre>
 *
 * <p>Nothing on the wire says that a connection carries yamux, or which side is which: both have to know. By convention the client is
 * who initiated the connection.
 *
 * <p><b>Threading:</b> thread-safe. {@link Acceptor} and handlers run on the connection's loop. What is chained to the stages that are returned does
 * so too, or runs at once where it is chained if the stage is complete by then: use {@code thenAcceptAsync(..., loop::execute)} for what has to be on the loop.
 */
public final class Yamux {
    private final Connection connection;
    private final CompletableFuture<TransportException> ended = new CompletableFuture<>();
    private final SessionDriver driver;
    /** Null for none. */
    private volatile Object attachment;

    private Yamux(Role role, Connection connection, YamuxConfig config, Acceptor acceptor) {
        this.connection = connection;
        driver = new SessionDriver(role, connection, config, acceptor, ended);
        driver.owner(this);
    }

    /**
     * Begins a session as its client, and becomes the handler of {@code connection}. On its loop.
     *
     * @param acceptor returns the handler of each stream that the peer opens; what it throws resets the stream
     */
    public static Yamux client(Connection connection, YamuxConfig config, Acceptor acceptor) {
        return begin(Role.CLIENT, connection, config, acceptor);
    }

    /**
     * Begins a session as its server, and becomes the handler of {@code connection}. On its loop.
     *
     * @param acceptor returns the handler of each stream that the peer opens; what it throws resets the stream
     */
    public static Yamux server(Connection connection, YamuxConfig config, Acceptor acceptor) {
        return begin(Role.SERVER, connection, config, acceptor);
    }

    private static Yamux begin(Role role, Connection connection, YamuxConfig config, Acceptor acceptor) {
        connection.loop().requireInLoop();
        Yamux session = new Yamux(role, connection, config, acceptor);
        session.driver.start();
        return session;
    }

    /** Returns the session that a connection is a stream of; empty if it is none, and if there is another layer over the stream. Any thread. */
    public static Optional<Yamux> of(Connection connection) {
        return connection instanceof StreamConnection stream ? Optional.of(stream.session()) : Optional.empty();
    }

    /** Sets what the session's owner wants to find again wherever it finds the session or one of its streams; replaces what was set. */
    public void attach(Object ofTheOwner) {
        attachment = Objects.requireNonNull(ofTheOwner, "attachment");
    }

    /** Returns what was {@linkplain #attach attached}. */
    public Optional<Object> attachment() {
        return Optional.ofNullable(attachment);
    }

    /** Returns the connection below, for its id, endpoints and loop. */
    public Connection connection() {
        return connection;
    }

    /**
     * Opens a stream. Data may be written at once: the peer is told of the stream with it.
     *
     * @return the stream; or fails with a {@link TransportException}: with {@link Reason#LIMIT_EXCEEDED} if there are as many as there may
     *     be, with {@link Reason#SHUTDOWN} if either side wants no more, with its cause if the session has ended
     */
    public CompletionStage<Connection> openStream(ConnectionHandler handler) {
        Objects.requireNonNull(handler, "handler");
        CompletableFuture<Connection> result = new CompletableFuture<>();
        onLoop(result, () -> {
            try {
                result.complete(driver.openStream(handler));
            } catch (TransportException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /**
     * Asks the peer for a sign of life. A ping that is under way already answers this one, too.
     *
     * @return the round-trip time, smoothed; or fails with {@link Reason#TIMEOUT} after {@link YamuxConfig#pingTimeout()}, which does nothing
     *     to the session
     */
    public CompletionStage<Duration> ping() {
        CompletableFuture<Duration> answer = new CompletableFuture<>();
        onLoop(answer, () -> driver.ping(answer));
        return answer;
    }

    /**
     * Accepts and opens no more streams, and ends with the last one or after {@link YamuxConfig#drainTimeout()}. Idempotent.
     *
     * @return as {@link #ended()}
     */
    public CompletionStage<TransportException> shutdown() {
        onLoop(ended, driver::shutdown);
        return ended.minimalCompletionStage();
    }

    /**
     * Ends as soon as everything written so far is with the connection below, or after {@link YamuxConfig#writeTimeout()}, and then closes
     * that: what the peer has given no room for by then is lost. Live streams are cut. Idempotent.
     */
    public void close() {
        onLoop(ended, driver::close);
    }

    /**
     * Completes with the reason when the session has ended: {@link Reason#CLOSED} for an orderly end, as this side asked for it or as the
     * peer ended the connection between two frames. Streams that were live then are cut: with {@link Reason#SHUTDOWN}, or
     * {@link Reason#TRUNCATED} if it was the peer.
     */
    public CompletionStage<TransportException> ended() {
        return ended.minimalCompletionStage();
    }

    /** Returns what the session has done so far; fails only if the loop has ended. */
    public CompletionStage<YamuxStats> stats() {
        CompletableFuture<YamuxStats> result = new CompletableFuture<>();
        onLoop(result, () -> result.complete(driver.stats()));
        return result;
    }

    private void onLoop(CompletableFuture<?> result, Runnable task) {
        EventLoop loop = connection.loop();
        if (loop.isInLoop()) {
            task.run();
        } else if (!loop.post(task)) {
            result.completeExceptionally(
                    new TransportException(Reason.SHUTDOWN, connection + ": the event loop has ended"));
        }
    }
}
