package dev.sluice.tls.internal;

import dev.sluice.tls.TlsFailure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Looks at the head of a record (RFC 8446, section 5.1) before the rest is waited for or given to the engine.
 *
 * <pre>
 *   0      1             3            5
 *   +------+-------------+------------+--------
 *   | type | version 3.x |   length   | fragment
 *   +------+-------------+------------+--------
 * </pre>
 */
final class RecordCheck {
    static final int HEADER_BYTES = 5;
    static final byte HANDSHAKE = 22;
    /** RFC 8446, section 5.2. */
    static final int MAX_FRAGMENT_BYTES = (1 << 14) + 256;
    /** RFC 5246, section 6.2.3. */
    static final int MAX_FRAGMENT_BYTES_TLS12 = (1 << 14) + 2048;

    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 23;
    private static final int MAJOR_VERSION = 3;
    private static final int MAX_SHOWN = 24;

    private RecordCheck() {}

    /**
     * Returns the length of the record that begins at the buffer's position, with its head, or 0 if it is not all there.
     *
     * @param tls12 whether TLS 1.2 was agreed upon, and the handshake is over
     */
    static int completeLength(ByteBuffer net, boolean tls12) throws TlsProtocolException {
        int available = net.remaining();
        if (available == 0) {
            return 0;
        }
        int at = net.position();
        int type = net.get(at);
        if (type < FIRST_TYPE || type > LAST_TYPE || (available > 1 && net.get(at + 1) != MAJOR_VERSION)) {
            throw notTls(net);
        }
        if (tls12 && type == HANDSHAKE) {
            throw new TlsProtocolException(
                    TlsFailure.RENEGOTIATION, "the peer asked for a renegotiation, which is refused");
        }
        if (available < HEADER_BYTES) {
            return 0;
        }
        int length = fragmentLength(net);
        int limit = tls12 ? MAX_FRAGMENT_BYTES_TLS12 : MAX_FRAGMENT_BYTES;
        if (length > limit) {
            throw new TlsProtocolException(
                    TlsFailure.MALFORMED, "a record of " + length + " bytes was announced; " + limit + " are allowed");
        }
        return available < HEADER_BYTES + length ? 0 : HEADER_BYTES + length;
    }

    /** Returns how many bytes have to come until the record at the buffer's position is complete, as far as its head says so; else 0. */
    static int missingBytes(ByteBuffer net) {
        return net.remaining() < HEADER_BYTES ? 0 : Math.max(0, HEADER_BYTES + fragmentLength(net) - net.remaining());
    }

    private static int fragmentLength(ByteBuffer net) {
        int at = net.position();
        return ((net.get(at + 3) & 0xff) << 8) | (net.get(at + 4) & 0xff);
    }

    private static TlsProtocolException notTls(ByteBuffer net) {
        return plaintextKind(net)
                .map(kind -> new TlsProtocolException(
                        TlsFailure.PLAINTEXT, "the peer speaks " + kind + " in plaintext, but this side expects TLS"))
                .orElseGet(() -> new TlsProtocolException(TlsFailure.MALFORMED, "what the peer sends is not TLS"));
    }

    /** Names what an operator is likely to have mixed up. Nothing of the bytes goes into the text. */
    private static Optional<String> plaintextKind(ByteBuffer net) {
        byte[] first = new byte[Math.min(net.remaining(), MAX_SHOWN)];
        net.get(net.position(), first);
        String text = new String(first, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PRI * HTTP/2")) {
            return Optional.of("HTTP/2 (gRPC)");
        }
        if (text.matches("(?s)(GET|PUT|POST|HEAD|DELETE|OPTIONS|PATCH|CONNECT|TRACE) .*") || text.startsWith("HTTP/")) {
            return Optional.of("HTTP");
        }
        if (text.startsWith("streamrpc") || text.startsWith("backchannel") || text.startsWith("sidechannel")) {
            return Optional.of("a protocol of Sluice");
        }
        return text.startsWith("SSH-") ? Optional.of("SSH") : Optional.empty();
    }
}
