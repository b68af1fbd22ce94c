package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts a connection whose peer is silent while this side waits for it, and with extensions says that this side is there when it has nothing else
 * to say. Looks at the connection's counters now and then, so calls pay nothing for it. Loop-confined.
 *
 * <p>Who reads, waits for bytes to come: with extensions they come, be they heartbeats, from every peer that lives. Who writes waits for bytes to go, or
 * for the peer's heartbeats, for which somebody has to read then.
 */
final class KeepAlive {
    /** After this long a silence a heartbeat is said; fixed by the protocol. */
    static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(5);

    private static final Logger LOG = System.getLogger(KeepAlive.class.getName());
    /** Looks in each of the times; what is due is done this fraction later at most. */
    private static final int LOOKS = 4;

    private final Link link;
    private final Connection connection;
    private final KeepAliveConfig config;
    private final Duration step;
    private final AtomicBoolean speaking = new AtomicBoolean();
    private final AtomicBoolean listening = new AtomicBoolean();
    private long heard;
    private long heardNanos;
    private long said;
    private long saidNanos;
    private Timeout next;

    /** Begins to look. */
    static void start(Link link, KeepAliveConfig config) {
        if (config.idleTimeout().isZero() && !link.isExtended()) {
            return;
        }
        Connection connection = link.connection();
        connection
                .loop()
                .post(
                        () -> { // or the loop has ended and has closed the connection
                            KeepAlive keepAlive = new KeepAlive(link, config);
                            keepAlive.lookAgain();
                            connection.whenClosed(cause -> keepAlive.next.cancel());
                        });
    }

    private KeepAlive(Link link, KeepAliveConfig config) {
        this.link = link;
        this.connection = link.connection();
        this.config = config;
        Duration shortest = link.isExtended() ? HEARTBEAT_INTERVAL : config.idleTimeout();
        this.step = shortest.dividedBy(LOOKS);
        this.heardNanos = connection.loop().nanoTime();
        this.saidNanos = heardNanos;
    }

    private void lookAgain() {
        next = connection.loop().schedule(step, this::look);
    }

    private void look() {
        long now = connection.loop().nanoTime();
        if (link.isExtended()) {
            speak(now);
        }
        if (!config.idleTimeout().isZero() && isSilentTooLong(now)) {
            connection.abort(new TransportException(
                    Reason.TIMEOUT,
                    connection + ": the peer was silent for "
                            + config.idleTimeout().toMillis() + " ms (" + config.setting() + ")"));
            return;
        }
        lookAgain();
    }

    private void speak(long now) {
        if (connection.bytesOut() != said) {
            said = connection.bytesOut();
            saidNanos = now;
        } else if (!link.output().isWaiting() && now - saidNanos >= HEARTBEAT_INTERVAL.toNanos()) {
            onThread(UpkeepThreads.HEARTBEATS, speaking, () -> link.output().heartbeat());
        }
    }

    private boolean isSilentTooLong(long now) {
        boolean reads = link.input().isWaiting();
        boolean writes = link.output().isWaiting();
        long count = link.isExtended() && reads ? connection.bytesIn() : connection.progress();
        if (count != heard || !(reads || writes)) {
            heard = count;
            heardNanos = now;
        } else if (link.isExtended() && writes && !reads) {
            onThread(
                    UpkeepThreads.WAITING,
                    listening,
                    () -> link.input().listen(() -> link.output().isWaiting()));
        }
        return now - heardNanos >= config.idleTimeout().toNanos();
    }

    private interface Step {
        void run() throws TransportException;
    }

    /** Not twice at a time. */
    private void onThread(Executor threads, AtomicBoolean running, Step step) {
        if (!running.compareAndSet(false, true)) {
            return;
        }
        try {
            threads.execute(() -> {
                try {
                    step.run();
                } catch (TransportException e) { // whoever uses the connection is told as well
                    LOG.log(Level.DEBUG, "{0}: no heartbeat: {1}", connection, e.getMessage());
                } finally {
                    running.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            running.set(false);
            LOG.log(Level.DEBUG, "no thread for a heartbeat of " + connection, e);
        }
    }
}
