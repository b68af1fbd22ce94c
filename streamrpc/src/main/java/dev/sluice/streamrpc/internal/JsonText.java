package dev.sluice.streamrpc.internal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text as Go's {@code encoding/json} of 2021 writes and reads it: what it escapes and how, and what becomes of invalid UTF-8
 * and lone surrogates.
 */
public final class JsonText {
    private static final char REPLACEMENT = '\uFFFD';
    private static final int EXCERPT_CHARS = 64;
    private static final String HEX = "0123456789abcdef";

    private JsonText() {}

    /** Appends a string literal with its quotes. */
    public static void appendQuoted(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            appendEscaped(out, codePoint);
            i += Character.charCount(codePoint);
        }
        out.append('"');
    }

    /** Appends one code point as it stands within a string literal. */
    static void appendEscaped(StringBuilder out, int codePoint) {
        switch (codePoint) {
            case '"', '\\' -> out.append('\\').append((char) codePoint);
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (isSurrogate(codePoint)) {
                    appendHex(out, REPLACEMENT);
                } else if (needsHex(codePoint)) {
                    appendHex(out, codePoint);
                } else {
                    out.appendCodePoint(codePoint);
                }
            }
        }
    }

    /** Returns text that a peer chose, quoted, and short enough for a message. */
    static String excerpt(String text) {
        StringBuilder out = new StringBuilder();
        appendQuoted(out, text.length() > EXCERPT_CHARS ? text.substring(0, EXCERPT_CHARS) + "..." : text);
        return out.toString();
    }

    /** Markup characters, so that the text is harmless within HTML, and the line ends that JavaScript did not allow. */
    private static boolean needsHex(int codePoint) {
        return switch (codePoint) {
            case '<', '>', '&', 0x2028, 0x2029 -> true;
            default -> codePoint < ' ';
        };
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static void appendHex(StringBuilder out, int unit) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt(unit >> shift & 0xF));
        }
    }

    /** Returns {@code text} with each lone surrogate, which JSON can spell but UTF-8 cannot, replaced by U+FFFD. */
    static String withoutLoneSurrogates(String text) {
        if (text.codePoints().noneMatch(JsonText::isSurrogate)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(isSurrogate(c) ? REPLACEMENT : c));
        return clean.toString();
    }

    /** Decodes UTF-8 with one U+FFFD per invalid byte; {@code new String} makes one per run of them. */
    static String decode(byte[] utf8) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(utf8);
        // UTF-8 never decodes to more chars than it has bytes, and neither does the replacement.
        CharBuffer out = CharBuffer.allocate(utf8.length);
        CoderResult result = decoder.decode(in, out, true);
        while (result.isError()) {
            for (int i = 0; i < result.length(); i++) {
                out.put(REPLACEMENT);
            }
            in.position(in.position() + result.length());
            result = decoder.decode(in, out, true);
        }
        return out.flip().toString();
    }
}
