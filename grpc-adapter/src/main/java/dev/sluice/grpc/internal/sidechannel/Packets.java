package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The packets that a client's bytes are sent in, so that it can end its direction without closing the stream (docs/sidechannel.md,
 * section 3). No I/O.
 *
 * <pre>
 *   0        4                  length
 *   +--------+-------- ~ -------+     length: of all of it, four lower-case hexadecimal digits, 0004 to fff0;
 *   | length |     payload      |             0000 is the end of the client's direction
 *   +--------+-------- ~ -------+
 * </pre>
 */
final class Packets {
    static final int PREFIX_BYTES = 4;
    static final int MAX_BYTES = 0xfff0;
    static final int MAX_PAYLOAD_BYTES = MAX_BYTES - PREFIX_BYTES;

    private static final HexFormat HEX = HexFormat.of();

    private Packets() {}

    /** Where payload comes from. */
    @FunctionalInterface
    interface Source {
        /** Reads at most what {@code dst} has room for; -1 at the end. */
        int read(ByteBuffer dst) throws IOException;
    }

    /** Returns the bytes that end the client's direction. */
    static ByteBuffer end() {
        return ByteBuffer.wrap("0000".getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Adds as many packets to {@code packets} as there is room for. Only the last one of all is short, unless there is less room than for one, or
     * the source gives less than it was asked for. The payload is read before its length is written: so a source that has
     * less than was thought makes a shorter packet, and not one that lacks bytes.
     *
     * @param packets with room for a prefix and a byte at least
     * @param count of payload, at most; more than 0
     * @return bytes of payload that were added; less than {@code count} for want of room, or at the end of the source
     */
    static long fill(ByteBuffer packets, Source source, long count) throws IOException {
        long filled = 0;
        while (filled < count) {
            int wanted = (int) Math.min(count - filled, MAX_PAYLOAD_BYTES);
            int room = packets.remaining() - PREFIX_BYTES;
            if (room < wanted && packets.position() > 0) {
                break;
            }
            int n = add(packets, source, Math.min(wanted, room));
            if (n <= 0) {
                break;
            }
            filled += n;
        }
        return filled;
    }

    /** A packet of at most so much payload; none at the end of the source. */
    private static int add(ByteBuffer packets, Source source, int payloadBytes) throws IOException {
        int begin = packets.position();
        int limit = packets.limit();
        packets.position(begin + PREFIX_BYTES).limit(begin + PREFIX_BYTES + payloadBytes);
        int n = source.read(packets);
        packets.limit(limit);
        if (n <= 0) {
            packets.position(begin);
            return n;
        }
        byte[] prefix = HEX.toHexDigits((short) (PREFIX_BYTES + n)).getBytes(StandardCharsets.US_ASCII);
        packets.put(begin, prefix);
        return n;
    }

    /**
     * Returns what a prefix says, from 0 to {@link #MAX_BYTES}.
     *
     * @param prefix of {@link #PREFIX_BYTES}; not consumed
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if it is none
     */
    static int length(ByteBuffer prefix) throws TransportException {
        int length = 0;
        for (int i = 0; i < PREFIX_BYTES; i++) {
            length = length << 4 | digit(prefix, i);
        }
        if (length > 0 && length < PREFIX_BYTES) {
            throw violation("sidechannel: invalid header " + length);
        }
        if (length > MAX_BYTES) {
            throw violation("token too long: a packet has at most " + MAX_BYTES + " bytes, not " + length);
        }
        return length;
    }

    private static int digit(ByteBuffer prefix, int index) throws TransportException {
        byte digit = prefix.get(index);
        if (digit >= '0' && digit <= '9') {
            return digit - '0';
        }
        if (digit >= 'a' && digit <= 'f') {
            return digit - 'a' + 10;
        }
        throw violation("pktLineSplitter: decode length: " + Quoted.bytes(prefix)
                + " is not four lower-case hexadecimal digits");
    }

    private static TransportException violation(String text) {
        return new TransportException(Reason.PROTOCOL_ERROR, text);
    }
}
