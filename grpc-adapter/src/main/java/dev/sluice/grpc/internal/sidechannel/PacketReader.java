package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * Takes the payload out of a client's packets. It goes from the source to the reader's buffer without another in between, so a reader that waits
 * holds no memory. An end stays an end and a failure stays a failure: nothing behind them is read. For one thread at a time.
 */
final class PacketReader {
    /** Where the packets come from. */
    @FunctionalInterface
    interface Source {
        /** Reads at least one byte; -1 at the end. */
        int read(ByteBuffer dst) throws TransportException;
    }

    private final Source source;
    private final ByteBuffer prefix = ByteBuffer.allocate(Packets.PREFIX_BYTES);
    /** Of the packet that is being read. */
    private int payloadLeft;

    private boolean ended;
    /** What the client did wrong; null as long as nothing. */
    private TransportException broken;

    PacketReader(Source source) {
        this.source = source;
    }

    /**
     * Reads at least one byte of payload, and of one packet only.
     *
     * @return bytes read, or -1 if the client has ended its direction
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if this is no packet, {@link Reason#TRUNCATED} if the client ended the stream
     *     and not its direction first; then each further call throws the same
     */
    int read(ByteBuffer dst) throws TransportException {
        if (!dst.hasRemaining()) {
            return 0;
        }
        while (!ended) {
            if (broken != null) {
                throw broken;
            }
            if (payloadLeft > 0) {
                return readPayload(dst);
            }
            readPrefix();
        }
        return -1;
    }

    private int readPayload(ByteBuffer dst) throws TransportException {
        int limit = dst.limit();
        dst.limit(dst.position() + Math.min(dst.remaining(), payloadLeft));
        try {
            int n = source.read(dst);
            if (n < 0) {
                throw broken(
                        Reason.TRUNCATED, "sidechannel: unexpected EOF, " + payloadLeft + " bytes short of a packet");
            }
            payloadLeft -= n;
            return n;
        } finally {
            dst.limit(limit);
        }
    }

    private void readPrefix() throws TransportException {
        if (source.read(prefix) < 0) {
            throw endedWithinPrefix();
        }
        if (prefix.hasRemaining()) {
            return;
        }
        int length;
        try {
            length = Packets.length(prefix.flip());
        } catch (TransportException e) {
            broken = e;
            throw e;
        }
        prefix.clear();
        ended = length == 0;
        payloadLeft = Math.max(0, length - Packets.PREFIX_BYTES);
    }

    private TransportException endedWithinPrefix() {
        prefix.flip();
        return prefix.hasRemaining()
                ? broken(Reason.TRUNCATED, "pktLineSplitter: incomplete length prefix on " + Quoted.bytes(prefix))
                : broken(Reason.TRUNCATED, "sidechannel: unexpected EOF, the client did not end its direction");
    }

    private TransportException broken(Reason reason, String text) {
        broken = new TransportException(reason, text);
        return broken;
    }
}
