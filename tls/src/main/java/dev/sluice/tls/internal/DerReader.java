package dev.sluice.tls.internal;

import java.util.Arrays;

/**
 * Walks through DER, as far as telling keys apart needs it: the values within one structure, one after the other. Not
 * thread-safe. Lengths are checked against what is there before anything is allocated.
 */
final class DerReader {
    private static final int LONG_FORM = 0x80;
    private static final int MAX_LENGTH_OCTETS = 4;

    private final byte[] bytes;
    private final int end;
    private int position;
    private int tag;
    private int contentStart;

    private DerReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    static DerReader of(byte[] der) {
        return new DerReader(der, 0, der.length);
    }

    /** Steps over the next value and returns its tag, or -1 if there is none. */
    int next() throws KeyFormatException {
        if (position == end) {
            tag = -1;
            return tag;
        }
        tag = octet();
        int length = length();
        if (length > end - position) {
            throw new KeyFormatException("is truncated: a value of " + length + " bytes has only " + (end - position));
        }
        contentStart = position;
        position += length;
        return tag;
    }

    /** Steps over the next value, which must be of this kind. */
    DerReader expect(int expected, String what) throws KeyFormatException {
        if (next() != expected) {
            String found = tag < 0 ? "the end" : String.format("tag 0x%02x", tag);
            throw new KeyFormatException("has no " + what + " where one is expected, but " + found);
        }
        return this;
    }

    /** Returns a reader of what is within the value that was stepped over last. */
    DerReader enter() {
        return new DerReader(bytes, contentStart, position);
    }

    /** Returns the content of the value that was stepped over last. */
    byte[] content() {
        return Arrays.copyOfRange(bytes, contentStart, position);
    }

    /** Returns the content of the value that was stepped over last as an object identifier, dotted. */
    String oid() throws KeyFormatException {
        StringBuilder dotted = new StringBuilder();
        long arc = 0;
        for (int at = contentStart; at < position; at++) {
            arc = arc << 7 | (bytes[at] & 0x7f);
            if (arc > Integer.MAX_VALUE) {
                throw new KeyFormatException("has an object identifier with too large a number");
            }
            if (bytes[at] >= 0) {
                appendArc(dotted, arc);
                arc = 0;
            }
        }
        return dotted.toString();
    }

    private static void appendArc(StringBuilder dotted, long arc) {
        if (dotted.length() == 0) {
            long first = Math.min(arc / 40, 2);
            dotted.append(first).append('.').append(arc - first * 40);
        } else {
            dotted.append('.').append(arc);
        }
    }

    private int length() throws KeyFormatException {
        int first = octet();
        if (first < LONG_FORM) {
            return first;
        }
        int octets = first & ~LONG_FORM;
        if (octets == 0 || octets > MAX_LENGTH_OCTETS) {
            throw new KeyFormatException("is no DER: a length of " + octets + " octets");
        }
        long length = 0;
        for (int octet = 0; octet < octets; octet++) {
            length = length << 8 | octet();
        }
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    private int octet() throws KeyFormatException {
        if (position == end) {
            throw new KeyFormatException("is truncated");
        }
        return bytes[position++] & 0xff;
    }
}
