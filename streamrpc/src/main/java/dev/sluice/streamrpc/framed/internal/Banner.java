package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What both sides of a connection with extensions say first, behind the magic (docs/framed-rpc.md, section 5): one that a person can read at a
 * terminal.
 *
 * <pre>{@code
 *  0000000052 SLUICE_FRAMED_RPC PROTOVERSION=0001 EXTENSIONS=0000\n
 * }</pre>
 *
 * <p>In front stands the length of what follows the blank, in ten digits; behind it a line for each extension, all of which a side that does not
 * know them ignores. Immutable.
 *
 * @param version from 1 to 9999
 */
record Banner(int version) {
    /** The version that is spoken here. */
    static final Banner OURS = new Banner(1);

    /** Ten digits and a blank. */
    static final int PREFIX_BYTES = 11;

    /** Room for many extensions with long names, and yet nothing that could hurt. */
    static final int MAX_BYTES = 2048;

    private static final Pattern FIRST_LINE =
            Pattern.compile("SLUICE_FRAMED_RPC PROTOVERSION=([0-9]{4}) EXTENSIONS=([0-9]{4})");

    byte[] encode() {
        String text = String.format(Locale.ROOT, "SLUICE_FRAMED_RPC PROTOVERSION=%04d EXTENSIONS=0000\n", version);
        return String.format(Locale.ROOT, "%010d %s", text.length(), text).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a banner that may not yet have come in full.
     *
     * @param in only a whole banner is taken from it
     * @return empty if there must be more
     * @throws TransportException with {@link Reason#PROTOCOL_ERROR} if it can become none, as soon as that shows
     */
    static Optional<Banner> read(ByteBuffer in) throws TransportException {
        int start = in.position();
        int length = 0;
        for (int i = 0; i < PREFIX_BYTES && i < in.remaining(); i++) {
            byte b = in.get(start + i);
            if (i == PREFIX_BYTES - 1 ? b != ' ' : b < '0' || b > '9') {
                throw broken("expected ten digits and a blank");
            }
            length = i == PREFIX_BYTES - 1 ? length : Math.min(length * 10 + (b - '0'), MAX_BYTES + 1);
        }
        if (length > MAX_BYTES) {
            throw broken("it has more than " + MAX_BYTES + " bytes");
        }
        if (in.remaining() < PREFIX_BYTES || in.remaining() < PREFIX_BYTES + length) {
            return Optional.empty();
        }
        byte[] text = new byte[length];
        in.position(start + PREFIX_BYTES).get(text);
        return Optional.of(parse(new String(text, StandardCharsets.UTF_8)));
    }

    private static Banner parse(String text) throws TransportException {
        String[] lines = text.split("\n", -1); // the last one is what follows the last line feed: nothing
        Matcher first = FIRST_LINE.matcher(lines[0]);
        if (!first.matches()) {
            throw broken("its first line is not that of this protocol");
        }
        int extensions = Integer.parseInt(first.group(2));
        if (lines.length != extensions + 2 || !lines[lines.length - 1].isEmpty()) {
            throw broken("it announces " + extensions + " extensions and has " + (lines.length - 2));
        }
        return new Banner(Integer.parseInt(first.group(1)));
    }

    /** Throws unless the peer's version is this one. */
    void requireSame(Banner theirs) throws TransportException {
        if (version != theirs.version) {
            throw broken("protocol versions do not match: ours is " + version + ", theirs is " + theirs.version);
        }
    }

    private static TransportException broken(String text) {
        return new TransportException(Reason.PROTOCOL_ERROR, "banner: " + text);
    }
}
