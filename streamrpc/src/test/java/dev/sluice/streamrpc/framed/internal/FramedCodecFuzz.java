package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What any bytes must not do to the decoder, the header's parser and the banner's: throw anything but what they promise, or hang. */
public final class FramedCodecFuzz {
    private static final MessageKind[] KINDS = {MessageKind.HEADER, MessageKind.DOCUMENT, MessageKind.OCTETS};

    private FramedCodecFuzz() {}

    /** Reads the bytes as messages, in one piece and byte by byte, and as a header and a banner. */
    public static void run(byte[] bytes) {
        for (boolean extended : new boolean[] {false, true}) {
            String whole = read(bytes, extended, Integer.MAX_VALUE);
            String piecewise = read(bytes, extended, 1);
            if (!whole.equals(piecewise)) {
                throw new AssertionError("in one piece: " + whole + "; byte by byte: " + piecewise);
            }
        }
        parse(bytes);
        try {
            Optional<Banner> banner = Banner.read(ByteBuffer.wrap(bytes));
            if (banner.isPresent()
                    && (banner.get().version() < 0 || banner.get().version() > 9999)) {
                throw new AssertionError(banner.get());
            }
        } catch (TransportException e) {
            requireText(e);
        }
    }

    private static void parse(byte[] json) {
        try {
            CallHeader header = CallHeader.parse(json);
            CallHeader again = CallHeader.parse(header.encode());
            if (json.length < CallHeader.MAX_BYTES / 6 && !header.equals(again)) {
                throw new AssertionError(header + " became " + again);
            }
        } catch (TransportException e) {
            requireText(e);
        }
    }

    /** Returns what the bytes were, and how it ended. */
    private static String read(byte[] bytes, boolean extended, int chunk) {
        MessageDecoder decoder = new MessageDecoder(extended);
        ByteBuffer wire = ByteBuffer.wrap(bytes);
        StringBuilder seen = new StringBuilder();
        try {
            for (int i = 0; ; i++) {
                decoder.begin(KINDS[i % KINDS.length], CallHeader.MAX_BYTES);
                byte[] payload = Messages.read(decoder, wire, chunk);
                seen.append(payload.length)
                        .append(':')
                        .append(Arrays.hashCode(payload))
                        .append(' ');
            }
        } catch (Messages.Incomplete e) {
            return seen.append("incomplete").toString();
        } catch (Messages.LimitReached e) {
            return seen.append("over the limit").toString();
        } catch (TransportException e) {
            requireText(e);
            return seen.append(e.getMessage()).toString();
        }
    }

    private static void requireText(TransportException e) {
        if (e.getMessage().isEmpty()) {
            throw new AssertionError("a failure without a text", e);
        }
    }
}
