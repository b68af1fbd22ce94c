package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Asks a client that was silent for a while whether it is there (PING: RFC 9113, section 6.7), and cuts the connection if it does not
 * answer. Loop-confined.
 */
public final class KeepAlive {
    private static final long PAYLOAD = 0x736c_7569_6365_0001L;

    /**
     * As gRPC's settings of the same names, but not raised to a minimum.
     *
     * @param time a client is asked after between one and two times this of silence
     * @param timeout how long it may be silent then
     */
    public record Settings(Duration time, Duration timeout) {}

    private final Connection connection;
    private final EventLoop loop;
    private final Settings settings;
    private final Predicate<byte[]> sender;
    private Timeout next;
    private boolean heard;
    /** A PING waits for its answer. */
    private boolean asked;

    /** @param sender sends a frame; false if it has to wait for the end of another */
    KeepAlive(Connection connection, Settings settings, Predicate<byte[]> sender) {
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
        asked = false;
        next = loop.schedule(settings.time(), this::askIfSilent);
    }

    /** Something came. */
    void heard() {
        heard = true;
        if (asked) {
            next.cancel();
            begin();
        }
    }

    private void askIfSilent() {
        if (heard) {
            begin();
            return;
        }
        asked = true;
        next = loop.schedule(settings.timeout(), this::cut);
        if (!sender.test(Http2Frames.ping(PAYLOAD))) {
            next.cancel();
            begin(); // the server is amid a frame: then it is not silent itself
        }
    }

    private void cut() {
        connection.abort(new TransportException(
                Reason.TIMEOUT,
                connection + ": no answer to a keep-alive PING within "
                        + settings.timeout().toSeconds() + " s (keepAliveTimeout of the server's builder)"));
    }

    /** Idempotent. */
    void end() {
        if (next != null) {
            next.cancel();
        }
    }
}
