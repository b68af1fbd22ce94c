package dev.sluice.streamrpc.framed.internal;

import java.nio.ByteBuffer;

/**
 * What stands in front of each frame's payload (docs/framed-rpc.md, section 2).
 *
 * <pre>
 *  0       1       2       3       4       5       6
 *  +-------+-------+-------+-------+-------+-------+------------ - -
 *  | type  | last  | payload length, little-endian | payload
 *  +-------+-------+-------+-------+-------+-------+------------ - -
 * </pre>
 *
 * <p>A message is one frame or more of one type, the last of which is flagged: 1 is written, all but 0 read as such. The length
 * does not count the head.
 */
final class FrameHead {
    /** Bytes of a head. */
    static final int BYTES = 6;

    /** The longest payload, 4 MiB: fixed by the protocol. */
    static final int MAX_PAYLOAD_BYTES = 4 << 20;

    private FrameHead() {}

    /** Appends a head to {@code out}, which is big-endian and has room for it. */
    static void put(ByteBuffer out, FrameType type, boolean last, int payloadBytes) {
        out.put((byte) type.code());
        out.put((byte) (last ? 1 : 0));
        out.putInt(Integer.reverseBytes(payloadBytes));
    }
}
