package dev.sluice.tests.contract;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Bytes that look random, are the same each time, and can be made from any position: so none of them is ever held as a whole and
 * bytes that are lost, doubled or out of order change the checksum. Immutable.
 *
 * @param seed which bytes
 * @param length how many
 */
public record Payload(long seed, long length) {
    private static final int PIECE_BYTES = 64 << 10;

    /** Fills {@code dst} with the bytes from {@code position} on, as far as there are any. */
    public void fill(long position, ByteBuffer dst) {
        long at = position;
        while (dst.hasRemaining() && at < length) {
            boolean aligned = (at & 7) == 0 && dst.remaining() >= 8 && length - at >= 8;
            if (aligned) {
                dst.putLong(word(at));
                at += 8;
            } else {
                dst.put((byte) (word(at) >>> (56 - 8 * (at & 7))));
                at++;
            }
        }
    }

    /** SplitMix64 of the position: every byte depends on where it stands. */
    private long word(long at) {
        long z = seed + ((at >>> 3) + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Returns all bytes; for small ones. */
    public byte[] bytes() {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(length));
        fill(0, all);
        return all.array();
    }

    /** Returns the checksum of all bytes. */
    public String sha256() {
        return sha256(0, length);
    }

    /** Returns the checksum of a part. */
    public String sha256(long from, long to) {
        MessageDigest digest = newSha256();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = from; at < to; ) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, to - at));
            fill(at, piece);
            at += piece.flip().remaining();
            digest.update(piece);
        }
        return hex(digest);
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every Java platform has it
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
