package dev.sluice.streamrpc.internal;

import java.util.BitSet;
import java.util.Locale;

/**
 * Finds the first thing wrong with a JSON document and says it in the words of Go's {@code encoding/json}, which peers and
 * their logs know. Runs only on documents that the parser has refused. Iterative, in one pass: hostile nesting costs one bit
 * a level.
 */
final class JsonSyntax {
    /** Containers within containers, as deep as Go reads them. */
    static final int MAX_DEPTH = 10_000;

    private static final String END = "unexpected end of JSON input";

    private final byte[] json;
    private final BitSet objects = new BitSet();
    private int depth;
    private int at;

    private JsonSyntax(byte[] json) {
        this.json = json;
    }

    /**
     * Returns normally if the document is well-formed.
     *
     * @throws JsonException with the text for the first error
     */
    static void check(byte[] json) throws JsonException {
        new JsonSyntax(json).document();
    }

    private void document() throws JsonException {
        do {
            beginValue();
        } while (moreValues());
        if (skipSpace()) {
            throw invalid(json[at], "after top-level value");
        }
    }

    /** Reads a scalar, an empty container, or the beginning of a container up to its first value. */
    private void beginValue() throws JsonException {
        boolean open = true;
        while (open) {
            byte c = nextVisible();
            switch (c) {
                case '{' -> open = beginObject();
                case '[' -> open = beginArray();
                default -> {
                    scalar(c);
                    open = false;
                }
            }
        }
    }

    private boolean beginObject() throws JsonException {
        push('{', true);
        if (nextVisible() == '}') {
            depth--;
            return false;
        }
        at--;
        key();
        return true;
    }

    private boolean beginArray() throws JsonException {
        push('[', false);
        if (nextVisible() == ']') {
            depth--;
            return false;
        }
        at--;
        return true;
    }

    private void push(char c, boolean object) throws JsonException {
        objects.set(depth, object);
        if (++depth > MAX_DEPTH) {
            throw invalid((byte) c, "exceeded max depth");
        }
    }

    /** Closes containers as long as they end here; returns whether another value follows. */
    private boolean moreValues() throws JsonException {
        while (depth > 0) {
            boolean object = objects.get(depth - 1);
            byte c = nextVisible();
            if (c == ',') {
                if (object) {
                    key();
                }
                return true;
            }
            if (c != (object ? '}' : ']')) {
                throw invalid(c, object ? "after object key:value pair" : "after array element");
            }
            depth--;
        }
        return false;
    }

    private void key() throws JsonException {
        byte c = nextVisible();
        if (c != '"') {
            throw invalid(c, "looking for beginning of object key string");
        }
        string();
        c = nextVisible();
        if (c != ':') {
            throw invalid(c, "after object key");
        }
    }

    private void scalar(byte c) throws JsonException {
        switch (c) {
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> {
                if (c != '-' && !isDigit(c)) {
                    throw invalid(c, "looking for beginning of value");
                }
                number(c);
            }
        }
    }

    private void string() throws JsonException {
        while (true) {
            if (at == json.length) {
                throw new JsonException(END);
            }
            byte c = json[at++];
            if (c == '"') {
                return;
            }
            if (c == '\\') {
                escape();
            } else if (c >= 0 && c < ' ') {
                throw invalid(c, "in string literal");
            }
        }
    }

    private void escape() throws JsonException {
        byte c = next();
        if (c != 'u') {
            if ("bfnrt\\/\"".indexOf(c) < 0) {
                throw invalid(c, "in string escape code");
            }
            return;
        }
        for (int i = 0; i < 4; i++) {
            byte digit = next();
            if (Character.digit(digit, 16) < 0) {
                throw invalid(digit, "in \\u hexadecimal character escape");
            }
        }
    }

    private void literal(String name) throws JsonException {
        for (int i = 1; i < name.length(); i++) {
            byte c = next();
            if (c != name.charAt(i)) {
                throw invalid(c, "in literal " + name + " (expecting '" + name.charAt(i) + "')");
            }
        }
    }

    private void number(byte first) throws JsonException {
        byte digit = first == '-' ? next() : first;
        if (!isDigit(digit)) {
            throw invalid(digit, "in numeric literal");
        }
        if (digit != '0') {
            digits();
        }
        if (accept('.')) {
            firstDigit("after decimal point in numeric literal");
        }
        if (accept('e') || accept('E')) {
            if (!accept('+')) {
                accept('-');
            }
            firstDigit("in exponent of numeric literal");
        }
    }

    private void firstDigit(String where) throws JsonException {
        byte c = next();
        if (!isDigit(c)) {
            throw invalid(c, where);
        }
        digits();
    }

    private void digits() {
        while (at < json.length && isDigit(json[at])) {
            at++;
        }
    }

    private boolean accept(char c) {
        boolean here = at < json.length && json[at] == c;
        at += here ? 1 : 0;
        return here;
    }

    /** The next byte; behind the last one a blank, which is also what Go complains about in a literal that is cut off. */
    private byte next() {
        return at < json.length ? json[at++] : (byte) ' ';
    }

    private byte nextVisible() throws JsonException {
        if (!skipSpace()) {
            throw new JsonException(END);
        }
        return json[at++];
    }

    private boolean skipSpace() {
        while (at < json.length && isSpace(json[at])) {
            at++;
        }
        return at < json.length;
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private static JsonException invalid(byte c, String where) {
        return new JsonException("invalid character '" + printable(c & 0xFF) + "' " + where);
    }

    /** A byte as Go prints it between quotes: taken for a code point of its own, even within a longer UTF-8 sequence. */
    private static String printable(int c) {
        return switch (c) {
            case '\'' -> "\\'";
            case '\\' -> "\\\\";
            case 0x07 -> "\\a";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case 0x0B -> "\\v";
            default -> {
                if (c < ' ' || c == 0x7F) {
                    yield String.format(Locale.ROOT, "\\x%02x", c);
                }
                boolean hidden = (c >= 0x80 && c <= 0xA0) || c == 0xAD;
                yield hidden ? String.format(Locale.ROOT, "\\u%04x", c) : String.valueOf((char) c);
            }
        };
    }
}
