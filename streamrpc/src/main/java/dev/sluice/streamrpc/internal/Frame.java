package dev.sluice.streamrpc.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * The frame of the StreamRPC 00 handshake: one in each direction, then raw bytes.
 *
 * <pre>
 *  0       1       2       3       4
 *  +-------+-------+-------+-------+---------------- - -
 *  | payload length, big-endian    | payload
 *  +-------+-------+-------+-------+---------------- - -
 * </pre>
 *
 * <p>The length does not count its own four bytes, may be 0, and is at most {@value #MAX_PAYLOAD_BYTES}.
 */
public final class Frame {
    /** Bytes of the length in front of the payload. */
    public static final int PREFIX_BYTES = 4;

    /** The longest payload, 1 MiB - 1: fixed by the protocol, the same for every peer. */
    public static final int MAX_PAYLOAD_BYTES = 0xFFFFF;

    /** What a reader says of a longer one, in the words of the protocol's other implementation. */
    static final String TOO_LARGE = "frame too large";

    private Frame() {}

    /**
     * Returns the frame around a payload, ready to be written.
     *
     * @param payload copied
     * @throws TransportException with {@link Reason#LIMIT_EXCEEDED} if the payload is longer than a frame may be
     */
    public static ByteBuffer encode(byte[] payload) throws TransportException {
        if (payload.length > MAX_PAYLOAD_BYTES) {
            throw new TransportException(Reason.LIMIT_EXCEEDED, tooLarge(payload.length));
        }
        return wrap(payload);
    }

    /** The same for payloads that are known to fit. */
    static ByteBuffer wrap(byte[] payload) {
        return ByteBuffer.allocate(PREFIX_BYTES + payload.length)
                .putInt(payload.length)
                .put(payload)
                .flip();
    }

    static String tooLarge(long payloadBytes) {
        return TOO_LARGE + ": " + payloadBytes + " bytes, the protocol allows " + MAX_PAYLOAD_BYTES;
    }
}
