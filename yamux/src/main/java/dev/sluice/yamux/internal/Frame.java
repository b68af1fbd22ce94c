package dev.sluice.yamux.internal;

import java.nio.ByteBuffer;

/**
 * The header of every frame, big-endian. Only {@link FrameType#DATA} has a payload behind it; in all other types the length is a
 * number with another meaning.
 *
 * <pre>
 *  0         1         2                   4                                       8                                       12
 *  +---------+---------+-------------------+---------------------------------------+---------------------------------------+--- - -
 *  | version | type    | flags             | stream id                             | length                                | payload
 *  +---------+---------+-------------------+---------------------------------------+---------------------------------------+--- - -
 * </pre>
 *
 * <p>Stream 0 is the session itself. Stream id and length are unsigned: here they are {@code long}s from 0 to 2^32 - 1.
 */
public final class Frame {
    /** Bytes of a header. */
    public static final int HEADER_BYTES = 12;

    /** The only version there is. */
    static final int VERSION = 0;

    static final int VERSION_OFFSET = 0;
    static final int TYPE_OFFSET = 1;
    static final int FLAGS_OFFSET = 2;
    static final int STREAM_ID_OFFSET = 4;
    static final int LENGTH_OFFSET = 8;

    /** The largest number that fits a stream id or a length. */
    static final long MAX_UNSIGNED = 0xFFFF_FFFFL;

    /** The stream id that stands for the session. */
    public static final long SESSION = 0;

    private Frame() {}

    /**
     * Appends a header.
     *
     * @param dst big-endian, with room for {@link #HEADER_BYTES}
     * @param streamId 0 to 2^32 - 1
     * @param length 0 to 2^32 - 1
     */
    public static void encode(ByteBuffer dst, FrameType type, int flags, long streamId, long length) {
        dst.put((byte) VERSION)
                .put((byte) type.number())
                .putShort((short) flags)
                .putInt((int) streamId)
                .putInt((int) length);
    }

    /** Returns a header as a person reads it. */
    static String describe(FrameType type, int flags, long streamId, long length) {
        return type + " " + Flags.describe(flags) + " stream " + streamId + " length " + length;
    }
}
