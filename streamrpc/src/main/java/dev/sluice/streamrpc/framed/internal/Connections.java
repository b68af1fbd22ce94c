package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/**
 * A client's connections: each is one call's at a time, and is kept for the next one only if both its directions stand between two messages.
 * Thread-safe.
 */
public final class Connections {
    private static final Logger LOG = System.getLogger(Connections.class.getName());
    /** Kept for the next calls; more of them are closed. */
    static final int MAX_KEPT = 8;
    /** How long one is kept unused. */
    static final Duration KEPT_FOR = Duration.ofSeconds(30);

    private static final Duration HANG_UP_LIMIT = Duration.ofSeconds(5);

    private final ClientConfig config;
    /** Those that were used last come first. */
    private final Deque<Link> kept = new ConcurrentLinkedDeque<>();

    private final Set<Link> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Creates it; nothing is dialled yet. */
    public Connections(ClientConfig config) {
        this.config = config;
    }

    ClientConfig config() {
        return config;
    }

    /** Returns a connection that nobody else uses. */
    Link take() throws TransportException {
        for (Link link = kept.pollFirst(); link != null; link = kept.pollFirst()) {
            if (link.isOpen()) {
                link.used();
                return link;
            }
            discard(link);
        }
        return dial();
    }

    private Link dial() throws TransportException {
        requireOpen();
        Connection connection = connect();
        Link link = new Link(connection.blocking(), config.extended());
        open.add(link);
        connection
                .loop()
                .post(
                        () -> { // or the loop has ended and has closed the connection
                            connection.whenClosed(cause -> open.remove(link));
                            lookLater(link);
                        });
        try {
            requireOpen(); // or else close() has seen it
            KeepAlive.start(link, config.keepAlive());
            if (config.extended()) {
                exchangeBanners(link);
            }
            return link;
        } catch (TransportException | RuntimeException e) {
            discard(link);
            throw e;
        }
    }

    private void exchangeBanners(Link link) throws TransportException {
        CallDeadline deadline =
                CallDeadline.start(link.connection(), config.connectTimeout(), "FramedClient.Builder.connectTimeout");
        try {
            link.output().raw(Greeting.bytes());
            link.input().magic();
            Banner.OURS.requireSame(link.input().banner());
        } finally {
            deadline.close();
        }
    }

    private void requireOpen() throws TransportException {
        if (closed) {
            throw TransportException.closed("the client of " + config.endpoint() + " is closed");
        }
    }

    private Connection connect() throws TransportException {
        CompletionStage<Connection> dialled =
                config.group().connect(config.endpoint(), new Paused(), config.connectTimeout());
        try {
            return dialled.toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            TransportException why = new TransportException(
                    Reason.CANCELLED, "connect to " + config.endpoint() + ": the calling thread was interrupted", e);
            dialled.thenAccept(connection -> connection.abort(why)); // on the loop
            throw why;
        } catch (ExecutionException e) {
            throw TransportException.of("connect to " + config.endpoint(), e.getCause());
        }
    }

    /** Until a thread has the connection, nobody reads. */
    private static final class Paused implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException(connection + ": reading is paused");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Whoever takes the connection is told.
        }
    }

    /** Keeps a connection for the next call if that can be sure to get its own answer. */
    void giveBack(Link link) {
        if (closed || !link.isClean() || kept.size() >= MAX_KEPT) {
            discard(link);
            return;
        }
        link.used();
        kept.addFirst(link);
        if (closed && kept.remove(link)) {
            discard(link);
        }
    }

    /** Hangs up what nobody has used for a while. On the loop. */
    private void lookLater(Link link) {
        long uses = link.uses();
        Connection connection = link.connection();
        connection
                .loop()
                .schedule(
                        KEPT_FOR,
                        () -> { // a timer of a closed connection is harmless
                            if (link.uses() == uses && kept.remove(link)) {
                                hangUpOnThread(link);
                            } else if (connection.state() != ConnectionState.CLOSED) {
                                lookLater(link);
                            }
                        });
    }

    private void hangUpOnThread(Link link) {
        try {
            UpkeepThreads.WAITING.execute(() -> hangUp(link));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "no thread to hang up " + link.connection(), e);
            link.connection().close();
        }
    }

    /** Closes a connection. */
    void discard(Link link) {
        link.close();
    }

    /**
     * Closes all connections, those that no call uses with the request to do so and its acknowledgement.
     *
     * @return what went wrong with these
     */
    public List<IOException> close() {
        closed = true;
        List<IOException> failures = new ArrayList<>();
        for (Link link = kept.pollFirst(); link != null; link = kept.pollFirst()) {
            hangUp(link).ifPresent(failures::add);
        }
        open.forEach(Link::abort);
        return failures;
    }

    /** Says good-bye. */
    private Optional<IOException> hangUp(Link link) {
        CallDeadline deadline = CallDeadline.start(link.connection(), HANG_UP_LIMIT, "fixed");
        try {
            link.output()
                    .header(CallHeader.request(CallHeader.CLOSE, DataType.CONTROL, DataType.CONTROL)
                            .encode());
            CallHeader answer = link.input().header();
            if (!answer.isOk()) {
                throw link.input().failure(answer);
            }
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0}: error hanging up: {1}", link.connection(), e.getMessage());
            return Optional.of(new IOException("error hanging up: " + e.getMessage(), e));
        } finally {
            deadline.close();
            open.remove(link); // what was said last is still to be delivered
            link.close();
        }
    }
}
