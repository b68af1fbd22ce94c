package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Cuts a connection in which no byte moved for too long. It looks at the connection's {@link Connection#progress} four times
 * in that time, so moving bytes costs nothing, and one that stands still is cut at most a quarter late. Loop-confined.
 */
final class IdleLimit {
    private static final int LOOKS = 4;

    private final Connection connection;
    private final Duration limit;
    private final BooleanSupplier applies;
    private long progress;
    private long movedNanos;
    private Timeout next;

    /**
     * Begins to look.
     *
     * @param applies whether the limit holds yet; while not, time does not count
     */
    static void start(Connection connection, Duration limit, BooleanSupplier applies) {
        IdleLimit idle = new IdleLimit(connection, limit, applies);
        idle.lookAgain(limit.dividedBy(LOOKS));
        connection.whenClosed(cause -> idle.next.cancel());
    }

    private IdleLimit(Connection connection, Duration limit, BooleanSupplier applies) {
        this.connection = connection;
        this.limit = limit;
        this.applies = applies;
        moved();
    }

    private void moved() {
        progress = connection.progress();
        movedNanos = connection.loop().nanoTime();
    }

    private void lookAgain(Duration delay) {
        next = connection.loop().schedule(delay, this::look);
    }

    private void look() {
        if (!applies.getAsBoolean() || connection.progress() != progress) {
            moved();
        }
        Duration left = limit.minusNanos(connection.loop().nanoTime() - movedNanos);
        if (left.isNegative() || left.isZero()) {
            connection.abort(new TransportException(
                    Reason.TIMEOUT,
                    connection + ": no byte moved in either direction for " + limit.toMillis()
                            + " ms (StreamRpcServer.Builder.idleTimeout)"));
            return;
        }
        Duration quarter = limit.dividedBy(LOOKS);
        lookAgain(left.compareTo(quarter) < 0 ? left : quarter);
    }
}
