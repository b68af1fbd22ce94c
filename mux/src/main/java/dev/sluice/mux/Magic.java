package dev.sluice.mux;

import java.nio.charset.StandardCharsets;

/**
 * The eleven bytes that a client sends first to say what it speaks (docs/protocols.md, section 1). Immutable.
 *
 * @param text eleven printable ASCII characters
 */
public record Magic(String text) {
    /** Bytes in every magic. */
    public static final int LENGTH = 11;

    /** Checks the text. */
    public Magic {
        if (text.length() != LENGTH || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                    "wrong magic bytes length: a magic has " + LENGTH + " ASCII characters, not '" + text + "'");
        }
    }

    /** Returns the bytes as they stand on the wire. */
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
