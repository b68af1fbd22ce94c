package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Asks a client that was silent for a while whether it is there (PING: RFC 9113, section 6.7), and cuts the connection if it does not
 * answer. Loop-confined.
 */
public final class KeepAlive {
    private static final long PAYLOAD = 0x736c_7569_6365_0001L;

    /**
     * As gRPC's settings of the same names.
     *
     * @param time how long a client may be silent before it is asked; it is after twice that at the latest
     * @param timeout how long it may be silent then
     */
    public record Settings(Duration time, Duration timeout) {}

    private final Connection connection;
    private final EventLoop loop;
    private final Settings settings;
    private final Consumer<byte[]> sender;
    private Timeout next;
    private boolean heard;

    /** @param sender sends a frame */
    KeepAlive(Connection connection, Settings settings, Consumer<byte[]> sender) {
        this.connection = connection;
        this.loop = connection.loop();
        this.settings = settings;
        this.sender = sender;
    }

    static boolean isOwn(int high, int low) {
        return ((long) high << Integer.SIZE | Integer.toUnsignedLong(low)) == PAYLOAD;
    }

    void begin() {
        heard = false;
        next = loop.schedule(settings.time(), this::askIfSilent);
    }

    /** Something came. */
    void heard() {
        heard = true;
    }

    private void askIfSilent() {
        if (heard) {
            begin();
        } else {
            next = loop.schedule(settings.timeout(), this::cutIfSilent);
            sender.accept(Http2Frames.ping(PAYLOAD));
        }
    }

    private void cutIfSilent() {
        if (heard) {
            begin();
        } else {
            connection.abort(new TransportException(
                    Reason.TIMEOUT,
                    connection + ": no answer to a keep-alive PING within " + settings.timeout()
                            + " (keepAliveTimeout of the server's builder)"));
        }
    }

    /** Idempotent. */
    void end() {
        if (next != null) {
            next.cancel();
        }
    }
}
