package dev.sluice.mux.internal;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * One connection on its way in: finds out by its first bytes which protocol gets it, and keeps the one deadline for that and for
 * the protocol's handshake. Reads eleven bytes at most, so none of the next protocol is lost, and decides as soon as
 * the bytes suffice. Loop-confined, but for what {@link Handshake} promises.
 */
final class Door implements ConnectionHandler, Handshake {
    private static final Logger LOG = System.getLogger(Door.class.getName());

    private enum Phase {
        DETECTING,
        HANDSHAKE,
        FAILED,
        THROUGH
    }

    private final ProtocolTable protocols;
    private final DoorStats stats;
    private final Duration limit;
    private volatile Phase phase = Phase.DETECTING;
    private Timeout deadline;
    /** The bytes so far, if they came in pieces: most clients send all in one, so most connections never have this. */
    private byte[] pieces;

    private int length;

    Door(ProtocolTable protocols, DoorStats stats, Duration limit) {
        this.protocols = protocols;
        this.stats = stats;
        this.limit = limit;
    }

    @Override
    public void onAttached(Connection connection) {
        deadline = connection.loop().schedule(limit, () -> timedOut(connection));
        connection.whenClosed(this::ended);
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
        Optional<Protocol> fallback = protocols.fallback();
        if (fallback.isPresent()) {
            connection.unread(first);
            handOver(connection, fallback.get());
            return;
        }
        (ended ? stats.silent : stats.unmatched).increment();
        connection.abort(new TransportException(
                ended ? Reason.TRUNCATED : Reason.PROTOCOL_ERROR,
                connection + ": " + (ended ? "ended before" : "spoke no protocol of this server in") + " its first "
                        + Magic.LENGTH + " bytes"));
    }

    private void handOver(Connection connection, Protocol protocol) {
        phase = Phase.HANDSHAKE;
        pieces = null;
        stats.detected(protocol);
        LOG.log(Level.DEBUG, "{0} speaks {1}", connection, protocol.name());
        connection.handler(protocol.accept(connection, this));
    }

    /** The deadline also meets connections that are through: telling it so is cheaper than cancelling it from another thread. */
    private void timedOut(Connection connection) {
        if (phase == Phase.THROUGH) {
            return;
        }
        if (phase != Phase.FAILED) {
            (phase == Phase.DETECTING ? stats.detectTimeouts : stats.handshakeTimeouts).increment();
            phase = Phase.FAILED;
        }
        connection.abort(new TransportException(
                Reason.TIMEOUT,
                connection + ": no complete handshake within " + limit.toMillis()
                        + " ms of connecting (SluiceServer.Builder.handshakeTimeout)"));
    }

    /** A handshake that ends before it is through has failed, whether or not its protocol could still say so. */
    private void ended(TransportException cause) {
        deadline.cancel();
        if (cause.reason() != Reason.SHUTDOWN) {
            failed();
        }
    }

    /** The server stops: who has not yet said what it wants has nothing to finish. */
    void closeIfDetecting(Connection connection) {
        if (phase == Phase.DETECTING) {
            connection.abort(new TransportException(Reason.SHUTDOWN, connection + ": the server is stopping"));
        }
    }

    @Override
    public long deadlineNanos() {
        return deadline.deadlineNanos();
    }

    @Override
    public void complete() {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.THROUGH;
        }
    }

    /** The deadline stays: a client that was refused must not keep its connection by not reading the refusal. */
    @Override
    public void failed() {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.FAILED;
            stats.handshakeFailures.increment();
        }
    }

    @Override
    public void onClosed(Connection connection, TransportException cause) {
        if (cause.reason() == Reason.RESET) {
            stats.silent.increment();
        }
    }
}
