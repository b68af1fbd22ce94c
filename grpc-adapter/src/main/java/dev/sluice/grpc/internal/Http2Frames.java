package dev.sluice.grpc.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** Numbers of HTTP/2 (RFC 9113, sections 6 and 7), and the frames that are written here. */
final class Http2Frames {
    static final int HEADER_BYTES = 9;
    /** Most that a frame may carry unless a peer was told otherwise, which gRPC's are not. */
    static final int MAX_PAYLOAD_BYTES = 16 << 10;
    /** What a connection, and each stream, may send before its first WINDOW_UPDATE. */
    static final int INITIAL_WINDOW_BYTES = 65_535;

    static final int MAX_WINDOW_BYTES = Integer.MAX_VALUE;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int FLAG_ACK = 1;
    static final int FLAG_END_STREAM = 1;
    static final int FLAG_END_HEADERS = 4;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int FRAME_SIZE_ERROR = 6;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final int MAX_DEBUG_BYTES = 255 - 2 * Integer.BYTES;

    private Http2Frames() {}

    /**
     * Returns GOAWAY (RFC 9113, section 6.8) for all streams: which of them were served is not known here.
     *
     * <pre>
     *   length (3) | type 7 | flags 0 | stream 0 (4) | last stream (4) | error (4) | text
     * </pre>
     */
    static byte[] goAway(int error, String text) {
        byte[] debug = text.getBytes(US_ASCII);
        int debugBytes = Math.min(debug.length, MAX_DEBUG_BYTES);
        return frame(GOAWAY, 2 * Integer.BYTES + debugBytes)
                .putInt(Integer.MAX_VALUE)
                .putInt(error)
                .put(debug, 0, debugBytes)
                .array();
    }

    /** Returns what the standard calls an error code of those above. */
    static String nameOf(int error) {
        return switch (error) {
            case NO_ERROR -> "NO_ERROR";
            case PROTOCOL_ERROR -> "PROTOCOL_ERROR";
            case INTERNAL_ERROR -> "INTERNAL_ERROR";
            case FLOW_CONTROL_ERROR -> "FLOW_CONTROL_ERROR";
            case FRAME_SIZE_ERROR -> "FRAME_SIZE_ERROR";
            case ENHANCE_YOUR_CALM -> "ENHANCE_YOUR_CALM";
            default -> "error " + error;
        };
    }

    /** Returns PING (RFC 9113, section 6.7). */
    static byte[] ping(long payload) {
        return frame(PING, Long.BYTES).putLong(payload).array();
    }

    /** Returns WINDOW_UPDATE for the whole connection (RFC 9113, section 6.9). */
    static byte[] windowUpdate(int increment) {
        return frame(WINDOW_UPDATE, Integer.BYTES).putInt(increment).array();
    }

    /** Returns a frame of the connection's without flags, to be filled: up to 255 bytes. */
    private static ByteBuffer frame(int type, int length) {
        return ByteBuffer.allocate(HEADER_BYTES + length)
                .putShort((short) 0)
                .put((byte) length)
                .put((byte) type)
                .put((byte) 0)
                .putInt(0);
    }
}
