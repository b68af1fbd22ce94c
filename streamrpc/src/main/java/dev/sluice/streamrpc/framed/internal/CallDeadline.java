package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.Optional;

/** Cuts a connection unless it is cancelled before. Thread-safe. */
final class CallDeadline {
    private final Connection connection;
    private final Duration limit;
    private final String setting;
    /** Loop-confined. */
    private Optional<Timeout> timeout = Optional.empty();

    private CallDeadline(Connection connection, Duration limit, String setting) {
        this.connection = connection;
        this.limit = limit;
        this.setting = setting;
    }

    static CallDeadline start(Connection connection, Duration limit, String setting) {
        CallDeadline deadline = new CallDeadline(connection, limit, setting);
        EventLoop loop = connection.loop();
        loop.post(() -> deadline.timeout = Optional.of(loop.schedule(limit, deadline::passed)));
        return deadline;
    }

    private void passed() {
        connection.abort(new TransportException(
                Reason.TIMEOUT, connection + ": no answer within " + limit.toMillis() + " ms (" + setting + ")"));
    }

    void close() {
        connection
                .loop()
                .post(() -> timeout.ifPresent(Timeout::cancel)); // or the loop has ended, and all timers with it
    }
}
