package dev.sluice.bench.framed;

import java.io.IOException;
import java.io.InputStream;
import java.util.Random;

/** So many bytes out of the cache: the same source for all peers, and the same sink. Not thread-safe. */
final class Body extends InputStream {
    /** How much is read and written at a time. */
    static final int PIECE_BYTES = 64 << 10;

    private static final byte[] PATTERN = new byte[PIECE_BYTES];

    static {
        new Random(1).nextBytes(PATTERN);
    }

    private long left;

    Body(long bytes) {
        left = bytes;
    }

    /** Reads all that a source has, and returns how many bytes that was. */
    static long drain(InputStream source) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        long bytes = 0;
        for (int n = source.read(piece); n >= 0; n = source.read(piece)) {
            bytes += n;
        }
        return bytes;
    }

    @Override
    public int read() {
        return left == 0 ? -1 : Byte.toUnsignedInt(PATTERN[(int) (left-- % PIECE_BYTES)]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (left == 0) {
            return -1;
        }
        int n = (int) Math.min(left, Math.min(length, PIECE_BYTES));
        System.arraycopy(PATTERN, 0, bytes, offset, n);
        left -= n;
        return n;
    }

    @Override
    public int available() {
        return (int) Math.min(left, Integer.MAX_VALUE);
    }
}
