package dev.sluice.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;

/** A file of random bytes, and the hashes of as much of it as a check sends. One thread. */
final class DemoData {
    private static final int PIECE_BYTES = 256 << 10;

    private final Path file;
    private final long size;
    private final Map<Long, String> hashes = new HashMap<>();

    private DemoData(Path file, long size) {
        this.file = file;
        this.size = size;
    }

    static DemoData create(Path file, long size, SplittableRandom random) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long left = size; left > 0; left -= piece.length) {
                random.nextBytes(piece);
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, (int) Math.min(piece.length, left));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the demo's data to '" + file + "': " + e.getMessage() + "; use a smaller --size, or"
                            + " another directory (--dir)",
                    e);
        }
        return new DemoData(file, size);
    }

    Path file() {
        return file;
    }

    long size() {
        return size;
    }

    /** Returns the SHA-256 of the first {@code count} bytes. */
    String sha256(long count) throws IOException {
        String known = hashes.get(count);
        if (known == null) {
            known = sha256(file, count);
            hashes.put(count, known);
        }
        return known;
    }

    /** Returns the SHA-256 of a whole file, in hex. */
    static String sha256(Path file) throws IOException {
        return sha256(file, Long.MAX_VALUE);
    }

    private static String sha256(Path file, long count) throws IOException {
        MessageDigest digest = newSha256();
        ByteBuffer bytes = ByteBuffer.allocate(PIECE_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long left = count; left > 0; left -= bytes.limit()) {
                bytes.clear().limit((int) Math.min(bytes.capacity(), left));
                if (channel.read(bytes) < 0) {
                    break;
                }
                digest.update(bytes.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256OfNothing() {
        return HexFormat.of().formatHex(newSha256().digest());
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
