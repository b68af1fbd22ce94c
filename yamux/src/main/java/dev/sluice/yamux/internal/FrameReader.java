package dev.sluice.yamux.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;

/**
 * Takes frames from a stream of bytes that may be cut anywhere. It keeps at most part of a header, and passes payload on as it
 * comes: what a frame says of its length makes nothing be allocated here.
 *
 * <pre>
 *  HEADER --12 bytes--&gt; onHeader --length 0, or not DATA--------------------------&gt; onFrameEnd --&gt; HEADER
 *                          |                                                            ^
 *                          +--&gt; PAYLOAD --onPayload, for each piece that comes----------+
 * </pre>
 *
 * <p><b>Threading:</b> confined to its caller.
 */
public final class FrameReader {
    /** Is told of frames. What it throws ends the reading; the reader is of no use after that. */
    public interface Visitor {
        /**
         * A header is complete.
         *
         * @param flags those that are known
         * @param streamId 0 to 2^32 - 1
         * @param length 0 to 2^32 - 1
         */
        void onHeader(FrameType type, int flags, long streamId, long length) throws TransportException;

        /**
         * Part of the payload.
         *
         * @param piece from its position to its limit, at least one byte. It is the reader's: what is left of it is skipped, and it
         *     is not to be used after this returns
         */
        void onPayload(ByteBuffer piece);

        /** The frame is complete. */
        void onFrameEnd();

        /** Returns whether to go on with the next frame at once; if not, the reader's caller decides when. */
        default boolean wantsMore() {
            return true;
        }
    }

    private final ByteBuffer started = ByteBuffer.allocate(Frame.HEADER_BYTES);
    private long payloadLeft;

    /**
     * Takes all of {@code in}, or at least a frame if the visitor wants no more for now.
     *
     * @param in big-endian, as buffers are unless told otherwise
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if a header has another version or an unknown type, or
     *     because the visitor threw it
     */
    public void read(ByteBuffer in, Visitor visitor) throws TransportException {
        while (in.hasRemaining()) {
            if (payloadLeft > 0) {
                payload(in, visitor);
            } else if (started.position() == 0 && in.remaining() >= Frame.HEADER_BYTES) {
                int at = in.position();
                in.position(at + Frame.HEADER_BYTES);
                header(in, at, visitor);
            } else {
                partOfHeader(in, visitor);
            }
            if (isBetweenFrames() && !visitor.wantsMore()) {
                return;
            }
        }
    }

    /** Returns whether the bytes so far end where a frame ends. */
    public boolean isBetweenFrames() {
        return payloadLeft == 0 && started.position() == 0;
    }

    private void partOfHeader(ByteBuffer in, Visitor visitor) throws TransportException {
        while (started.hasRemaining() && in.hasRemaining()) {
            started.put(in.get());
        }
        if (!started.hasRemaining()) {
            started.clear();
            header(started, 0, visitor);
        }
    }

    private void header(ByteBuffer from, int at, Visitor visitor) throws TransportException {
        int version = Byte.toUnsignedInt(from.get(at + Frame.VERSION_OFFSET));
        int type = Byte.toUnsignedInt(from.get(at + Frame.TYPE_OFFSET));
        if (version != Frame.VERSION) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR, "yamux: expected version " + Frame.VERSION + ", the peer sent " + version);
        }
        if (!FrameType.isKnown(type)) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR, "yamux: expected a frame of type 0 to 3, the peer sent " + type);
        }
        int flags = from.getShort(at + Frame.FLAGS_OFFSET) & Flags.KNOWN;
        long streamId = Integer.toUnsignedLong(from.getInt(at + Frame.STREAM_ID_OFFSET));
        long length = Integer.toUnsignedLong(from.getInt(at + Frame.LENGTH_OFFSET));
        FrameType known = FrameType.of(type);
        payloadLeft = known == FrameType.DATA ? length : 0;
        visitor.onHeader(known, flags, streamId, length);
        if (payloadLeft == 0) {
            visitor.onFrameEnd();
        }
    }

    private void payload(ByteBuffer in, Visitor visitor) {
        int limit = in.limit();
        int end = in.position() + (int) Math.min(payloadLeft, in.remaining());
        payloadLeft -= end - in.position();
        in.limit(end);
        try {
            visitor.onPayload(in);
        } finally {
            in.limit(limit).position(end);
        }
        if (payloadLeft == 0) {
            visitor.onFrameEnd();
        }
    }
}
