package dev.sluice.streamrpc.internal;

import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The response of a StreamRPC 00 handshake. An empty payload accepts, and the very next byte belongs to the stream; a JSON
 * object with the member {@code Error} rejects, and the connection ends.
 */
public final class Response {
    private static final String ERROR = "Error";
    private static final String CODE = "Code";
    private static final String HEAD = "{\"" + ERROR + "\":\"";
    private static final String TAIL = "\"}";
    private static final String ELLIPSIS = "...";
    private static final int MAX_TEXT_BYTES = Frame.MAX_PAYLOAD_BYTES - HEAD.length() - TAIL.length();
    private static final int MAX_CODE = Status.Code.values().length - 1;

    /**
     * Why the server refused.
     *
     * @param error the server's text, possibly empty
     * @param code the gRPC status code, not OK, if the server sent one
     */
    public record Rejection(String error, OptionalInt code) {
        /** Returns the code that was sent, or the one within the text, with what the text says. */
        public Status status() {
            Status byText = StatusText.parse(error);
            return code.isPresent()
                    ? Status.fromCodeValue(code.getAsInt()).withDescription(byText.getDescription())
                    : byText;
        }
    }

    private Response() {}

    /** Returns the payload that accepts: nothing. */
    public static byte[] accept() {
        return new byte[0];
    }

    /** Returns the frame that accepts. */
    public static ByteBuffer acceptFrame() {
        return Frame.wrap(accept());
    }

    /**
     * Returns the payload that rejects, byte for byte as Go writes it.
     *
     * @param error cut at a character and ended with an ellipsis if it would not fit in a frame
     */
    public static byte[] rejection(String error) {
        StringBuilder text = new StringBuilder(Math.min(error.length(), MAX_TEXT_BYTES));
        int bytes = 0;
        int cut = 0;
        for (int i = 0; i < error.length(); ) {
            int codePoint = error.codePointAt(i);
            int start = text.length();
            JsonText.appendEscaped(text, codePoint);
            bytes += utf8Bytes(codePoint, text.length() - start);
            if (bytes > MAX_TEXT_BYTES) {
                text.setLength(cut);
                text.append(ELLIPSIS);
                break;
            }
            if (bytes <= MAX_TEXT_BYTES - ELLIPSIS.length()) {
                cut = text.length();
            }
            i += Character.charCount(codePoint);
        }
        return (HEAD + text + TAIL).getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes of a code point that was written as {@code chars} chars: escapes are ASCII, the rest is the code point itself. */
    private static int utf8Bytes(int codePoint, int chars) {
        if (chars > 2 || codePoint < 0x80) {
            return chars;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }

    /** Returns the frame that rejects; see {@link #rejection}. */
    public static ByteBuffer rejectionFrame(String error) {
        return Frame.wrap(rejection(error));
    }

    /**
     * Reads a response payload.
     *
     * @return empty if the server accepted
     * @throws BadResponseException if the payload is neither; goes behind {@code streamrpc client: unmarshal handshake response: }
     */
    public static Optional<Rejection> parse(byte[] payload) throws BadResponseException {
        if (payload.length == 0) {
            return Optional.empty();
        }
        Builder builder = new Builder();
        try {
            JsonReader.read(payload, "response", builder::member);
        } catch (JsonException e) {
            throw new BadResponseException(e);
        }
        return Optional.of(new Rejection(builder.error, builder.code));
    }

    private static final class Builder {
        private String error = "";
        private OptionalInt code = OptionalInt.empty();

        void member(JsonReader reader, String name) throws IOException {
            if (name.equalsIgnoreCase(ERROR)) {
                reader.string(ERROR, "string").ifPresent(text -> error = text);
            } else if (name.equalsIgnoreCase(CODE)) {
                code = statusCode(reader.integerLiteral());
            } else {
                reader.skip();
            }
        }

        /** A code that gRPC does not know says nothing, and one of OK would deny the rejection: the text stands alone then. */
        private static OptionalInt statusCode(Optional<String> literal) {
            if (literal.isEmpty() || literal.get().length() > 2) {
                return OptionalInt.empty();
            }
            int value = Integer.parseInt(literal.get());
            return value > 0 && value <= MAX_CODE ? OptionalInt.of(value) : OptionalInt.empty();
        }
    }
}
