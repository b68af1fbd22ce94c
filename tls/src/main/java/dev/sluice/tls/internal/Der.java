package dev.sluice.tls.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes ASN.1 in DER (X.690), as much as certificates and PKCS#8 keys need. Every function returns a whole value - tag, length,
 * content - so that nested calls read like the structure that they build.
 */
final class Der {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int UTF8_STRING = 0x0c;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;
    private static final int LONG_FORM = 0x80;

    /** RFC 5280, 4.1.2.5: years to 2049 have two digits, later ones four. */
    private static final int FIRST_YEAR_OF_FOUR_DIGITS = 2050;

    private static final DateTimeFormatter TWO_DIGIT_YEAR = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT);
    private static final DateTimeFormatter FOUR_DIGIT_YEAR =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT);

    private Der() {}

    static byte[] sequence(byte[]... values) {
        return value(SEQUENCE, values);
    }

    /** A set of one: with more, DER would want them sorted. */
    static byte[] setOf(byte[] only) {
        return value(SET, only);
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    static byte[] integer(long number) {
        return integer(BigInteger.valueOf(number));
    }

    static byte[] bool(boolean truth) {
        return value(BOOLEAN, new byte[] {(byte) (truth ? 0xff : 0)});
    }

    static byte[] nul() {
        return value(NULL);
    }

    static byte[] octetString(byte[] octets) {
        return value(OCTET_STRING, octets);
    }

    /** Whole octets as a bit string. */
    static byte[] bitString(byte[] octets) {
        return value(BIT_STRING, new byte[] {0}, octets);
    }

    /** Up to eight named bits, the first of them in the highest bit; DER drops the zeros behind the last that is set. */
    static byte[] namedBits(int octet) {
        int unused = Integer.numberOfTrailingZeros(octet);
        return value(BIT_STRING, new byte[] {(byte) unused, (byte) octet});
    }

    static byte[] utf8(String text) {
        return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        base128(content, Long.parseLong(arcs[0]) * 40 + Long.parseLong(arcs[1]));
        for (int arc = 2; arc < arcs.length; arc++) {
            base128(content, Long.parseLong(arcs[arc]));
        }
        return value(OBJECT_IDENTIFIER, content.toByteArray());
    }

    private static void base128(ByteArrayOutputStream out, long number) {
        int groups = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(number) + 6) / 7);
        for (int group = groups - 1; group >= 0; group--) {
            int bits = (int) (number >>> (7 * group)) & 0x7f;
            out.write(group == 0 ? bits : bits | 0x80);
        }
    }

    /** A point in time as certificates write it, without fractions of a second. */
    static byte[] time(Instant instant) {
        ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
        boolean late = utc.getYear() >= FIRST_YEAR_OF_FOUR_DIGITS;
        String text = (late ? FOUR_DIGIT_YEAR : TWO_DIGIT_YEAR).format(utc);
        return value(late ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A context tag around whole values: {@code [number] EXPLICIT}. */
    static byte[] explicit(int number, byte[]... values) {
        return value(CONTEXT | CONSTRUCTED | number, values);
    }

    /** A context tag in place of a primitive value's own: {@code [number] IMPLICIT}. */
    static byte[] implicit(int number, byte[] content) {
        return value(CONTEXT | number, content);
    }

    private static byte[] value(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        writeLength(out, length);
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        if (length < LONG_FORM) {
            out.write(length);
            return;
        }
        int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
        out.write(LONG_FORM | octets);
        for (int octet = octets - 1; octet >= 0; octet--) {
            out.write(length >>> (8 * octet));
        }
    }
}
