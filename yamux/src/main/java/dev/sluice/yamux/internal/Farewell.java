package dev.sluice.yamux.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionState;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * How a session that is over leaves the connection below: what is committed goes out, the output ends, and the peer has a moment to read it.
 *
 * <p>After an orderly end there is as much time to write as ever, as long as the connection takes some of it; then it
 * {@linkplain LingeringClose lingers}. After a failure there are 100 ms in all, and the connection is cut with the reason. Loop-confined.
 */
final class Farewell {
    private static final Logger LOG = System.getLogger(Farewell.class.getName());

    /** For the last frame of a session that failed. */
    private static final Duration LIMIT_OF_FAILED = Duration.ofMillis(100);

    private final Connection below;
    private final Outbox outbox;
    private final TransportException why;
    private final Duration writeTimeout;
    private boolean departed;

    /** Begins; {@link #goOn} comes next, and after each write. */
    Farewell(Connection below, Outbox outbox, TransportException why, Duration writeTimeout) {
        this.below = below;
        this.outbox = outbox;
        this.why = why;
        this.writeTimeout = writeTimeout;
        if (isOrderly()) {
            limitWrites(below.bytesOut());
        } else {
            schedule(LIMIT_OF_FAILED, this::cut);
        }
    }

    /** Returns whether the connection below has another handler. */
    boolean hasDeparted() {
        return departed;
    }

    /** Does what comes after the last write. */
    void goOn() {
        if (!outbox.isEmpty()) {
            return; // the connection below says when there is room
        }
        if (isOrderly()) {
            departed = true;
            LingeringClose.start(below);
        } else if (below.state().isReadable()) {
            endOutput();
        } else {
            cut();
        }
    }

    private boolean isOrderly() {
        return why.reason() == Reason.CLOSED;
    }

    private void limitWrites(long writtenBefore) {
        schedule(writeTimeout, () -> {
            if (below.bytesOut() == writtenBefore) {
                cut();
            } else {
                limitWrites(below.bytesOut());
            }
        });
    }

    private void schedule(Duration limit, Runnable late) {
        Timeout timeout = below.loop().schedule(limit, () -> {
            if (!departed && below.state() != ConnectionState.CLOSED) {
                late.run();
            }
        });
        below.whenClosed(cause -> timeout.cancel());
    }

    private void cut() {
        below.abort(why);
    }

    private void endOutput() {
        try {
            below.shutdownOutput();
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, "{0} failed before its session had left it: {1}", below, e.getMessage());
        }
    }
}
