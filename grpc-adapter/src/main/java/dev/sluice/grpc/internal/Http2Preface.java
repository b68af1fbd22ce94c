package dev.sluice.grpc.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.mux.Handshake;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.LingeringClose;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.LogLimiter;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * Looks at the beginning of a connection, and leaves it unread: HTTP/2's preface and the header of a SETTINGS frame (RFC 9113, section
 * 3.4). Who sends another byte in their place gets GOAWAY at once, who sends nothing is up to the handshake's deadline.
 * Loop-confined.
 */
public final class Http2Preface implements ConnectionHandler {
    /** What clients send first. */
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    private static final LogLimiter REFUSALS =
            new LogLimiter(System.getLogger(Http2Preface.class.getName()), Level.INFO);

    private static final int FRAME_HEADER_BYTES = 9;
    private static final int TYPE_OFFSET = PREFACE.length + 3;
    private static final byte SETTINGS = 4;
    /** An empty SETTINGS frame, as every server's first, and GOAWAY with PROTOCOL_ERROR for all streams. */
    private static final byte[] REFUSAL = {
        0, 0, 0, SETTINGS, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    };

    /** Takes over a connection that speaks HTTP/2. */
    @FunctionalInterface
    public interface Next {
        /** Called on the loop, all bytes unread. */
        void opened(Connection connection) throws TransportException;
    }

    private final Handshake handshake;
    private final Next next;
    private final ByteBuffer seen = ByteBuffer.allocate(PREFACE.length + FRAME_HEADER_BYTES);

    /** Creates the handler of one connection. */
    public Http2Preface(Handshake handshake, Next next) {
        this.handshake = handshake;
        this.next = next;
    }

    @Override
    public void onReadable(Connection connection) throws TransportException {
        int checked = seen.position();
        if (connection.read(seen) < 0) {
            handshake.failed();
            connection.close();
            return;
        }
        for (int i = checked; i < seen.position(); i++) {
            if (!isExpected(i, seen.get(i))) {
                refuse(connection, i);
                return;
            }
        }
        if (!seen.hasRemaining()) {
            connection.unread(seen.flip());
            handshake.complete();
            next.opened(connection);
        }
    }

    private static boolean isExpected(int at, byte value) {
        return at < PREFACE.length ? value == PREFACE[at] : at != TYPE_OFFSET || value == SETTINGS;
    }

    private void refuse(Connection connection, int at) throws TransportException {
        handshake.failed();
        REFUSALS.log(connection
                + (at < PREFACE.length
                        ? ": closed: neither the magic of a protocol nor HTTP/2: byte " + at
                                + " differs from HTTP/2's preface"
                        : ": closed: the first frame is not SETTINGS"));
        connection.write(ByteBuffer.wrap(REFUSAL)); // a new connection has room for it
        LingeringClose.start(connection);
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        // Nothing is held.
    }
}
