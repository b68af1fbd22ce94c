package dev.sluice.mux.internal;

import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.LogLimiter;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Finds out by the first bytes of a connection which protocol gets it. Reads eleven bytes at most, so none of the next protocol is
 * lost, and decides as soon as the bytes suffice. Loop-confined.
 */
final class Detector implements ConnectionHandler {
    private static final Logger LOG = System.getLogger(Detector.class.getName());
    private static final LogLimiter REFUSED_TLS = new LogLimiter(LOG, Level.INFO);
    /** What every TLS connection begins with: the content type of a handshake record. */
    private static final byte TLS_HANDSHAKE = 0x16;

    private final Door door;
    private final ProtocolTable protocols;
    private final DoorStats stats;
    /** The bytes so far, if they came in pieces: most clients send all in one, so most connections never have this. */
    private byte[] pieces;

    private int length;
    /** Counted, one way or the other. */
    private boolean judged;

    Detector(Door door, ProtocolTable protocols, DoorStats stats) {
        this.door = door;
        this.protocols = protocols;
        this.stats = stats;
    }

    @Override
    public void onReadable(Connection connection) throws IOException {
        byte[] first = pieces != null ? pieces : new byte[Magic.LENGTH];
        int n = readInto(connection, first);
        if (n == 0) {
            return;
        }
        length += Math.max(0, n);
        ProtocolTable.Verdict verdict = n < 0 ? ProtocolTable.Verdict.NO_MAGIC : protocols.judge(first, length);
        switch (verdict) {
            case UNDECIDED -> pieces = first;
            case MAGIC -> handOver(connection, protocols.byMagic(first));
            case NO_MAGIC -> withoutMagic(connection, ByteBuffer.wrap(first, 0, length), n < 0);
        }
    }

    private int readInto(Connection connection, byte[] first) throws IOException {
        PooledBuffer scratch = connection.loop().buffers().acquire(Magic.LENGTH);
        try {
            ByteBuffer bytes = scratch.buffer().limit(Magic.LENGTH - length);
            int n = connection.read(bytes);
            bytes.flip().get(first, length, Math.max(0, n));
            return n;
        } finally {
            scratch.release();
        }
    }

    private void withoutMagic(Connection connection, ByteBuffer first, boolean ended) {
        if (!door.isLayered() && first.hasRemaining() && first.get(0) == TLS_HANDSHAKE) {
            refuseTls(connection);
            return;
        }
        Optional<Protocol> fallback = protocols.fallback();
        if (fallback.isPresent()) {
            connection.unread(first);
            handOver(connection, fallback.get());
            return;
        }
        judged = true;
        (ended ? stats.silent : stats.unmatched).increment();
        connection.abort(new TransportException(
                ended ? Reason.TRUNCATED : Reason.PROTOCOL_ERROR,
                connection + ": " + (ended ? "ended before" : "spoke no protocol of this server in") + " its first "
                        + Magic.LENGTH + " bytes"));
    }

    /** No fallback gets to see it: what follows would look to it like garbage, and the client would wait for its handshake. */
    private void refuseTls(Connection connection) {
        judged = true;
        stats.unmatched.increment();
        TransportException why = new TransportException(
                Reason.PROTOCOL_ERROR,
                connection + ": the client speaks TLS, but this address is plaintext (listen on tls://, or on both with"
                        + " Tls.optional)");
        REFUSED_TLS.log(why.getMessage());
        connection.abort(why);
    }

    private void handOver(Connection connection, Protocol protocol) {
        pieces = null;
        door.detected(connection, protocol);
        LOG.log(Level.DEBUG, "{0} speaks {1}", connection, protocol.name());
        connection.handler(protocol.accept(connection, door));
    }

    /** Broke before it could be judged: reset, or what carries its bytes failed, as TLS does when it is cut. */
    @Override
    public void onClosed(Connection connection, TransportException cause) {
        boolean byThisSide = cause.reason() == Reason.TIMEOUT || cause.reason() == Reason.SHUTDOWN;
        if (!judged && !byThisSide) {
            stats.silent.increment();
        }
    }
}
