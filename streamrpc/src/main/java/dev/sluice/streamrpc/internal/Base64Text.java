package dev.sluice.streamrpc.internal;

import java.util.Arrays;
import java.util.Base64;

/**
 * Standard base64 with padding as Go reads it: line ends are skipped anywhere, padding is required, surplus bits of the last
 * quantum are ignored. The JDK's decoders differ in the first two and do not say where the input is wrong.
 */
final class Base64Text {
    private static final int QUANTUM = 4;

    private Base64Text() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * Decodes.
     *
     * @throws JsonException with {@code illegal base64 data at input byte N}, where N counts from 0 and is what Go reports
     */
    static byte[] decode(String text) throws JsonException {
        byte[] sextets = new byte[text.length()];
        int length = 0;
        int at = 0;
        for (; at < text.length() && text.charAt(at) != '='; at++) {
            char c = text.charAt(at);
            if (isAlphabet(c)) {
                sextets[length++] = (byte) c;
            } else if (!isLineEnd(c)) {
                throw illegal(at);
            }
        }
        int last = length % QUANTUM;
        if (at < text.length()) {
            checkPadding(text, at, last);
        } else if (last != 0) {
            throw illegal(at - last);
        }
        // The JDK's decoder needs no padding, and ignores surplus bits too.
        return Base64.getDecoder().decode(Arrays.copyOf(sextets, length));
    }

    /** Checks the padding that begins at {@code at} and has {@code last} digits in front of it. */
    private static void checkPadding(String text, int at, int last) throws JsonException {
        if (last < 2) {
            throw illegal(at);
        }
        int next = at + 1;
        if (last == 2) {
            next = skipLineEnds(text, next);
            if (next == text.length()) {
                throw illegal(next);
            }
            if (text.charAt(next) != '=') {
                throw illegal(next - 1);
            }
            next++;
        }
        next = skipLineEnds(text, next);
        if (next < text.length()) {
            throw illegal(next);
        }
    }

    private static int skipLineEnds(String text, int from) {
        int at = from;
        while (at < text.length() && isLineEnd(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isLineEnd(char c) {
        return c == '\r' || c == '\n';
    }

    private static boolean isAlphabet(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    }

    private static JsonException illegal(int at) {
        return new JsonException("illegal base64 data at input byte " + at);
    }
}
