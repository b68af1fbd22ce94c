package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.TransportException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** What tests do with a decoder. */
final class Messages {
    private Messages() {}

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /**
     * Reads a message from bytes that come in chunks, and leaves the rest.
     *
     * @return its payload, or empty bytes followed by nothing if the decoder stopped at the limit
     */
    static byte[] read(MessageDecoder decoder, ByteBuffer wire, int chunk) throws TransportException {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        int end = wire.limit();
        try {
            while (true) {
                wire.limit((int) Math.min(end, (long) wire.position() + chunk));
                switch (decoder.next(wire)) {
                    case END -> {
                        return payload.toByteArray();
                    }
                    case OVER_LIMIT -> throw new LimitReached();
                    case NEEDS_BYTES -> {
                        if (wire.position() == end) {
                            throw new Incomplete();
                        }
                    }
                    case PAYLOAD -> {
                        if (wire.position() == end) {
                            throw new Incomplete();
                        }
                        byte[] piece = new byte[Math.min(wire.remaining(), decoder.payloadBytes())];
                        wire.get(piece);
                        decoder.took(piece.length);
                        payload.writeBytes(piece);
                    }
                }
            }
        } finally {
            wire.limit(end);
        }
    }

    /** There must be more bytes. */
    static final class Incomplete extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The message is too large. */
    static final class LimitReached extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
