package dev.sluice.bench.framed;

import dev.sluice.nio.ByteStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What both ends of the plain loops do with their connection. */
final class PlainStreams {
    static final int ECHO_BYTES = 64;

    private PlainStreams() {}

    /** Fills a buffer and flips it; returns false if the peer has ended before the first byte. */
    static boolean read(ByteStream stream, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (stream.read(target) < 0) {
                if (target.position() > 0) {
                    throw new EOFException(stream.connection() + ": ended within " + target.capacity() + " bytes");
                }
                return false;
            }
        }
        target.flip();
        return true;
    }

    /** Reads a number of 8 bytes. */
    static long readCount(ByteStream stream) throws IOException {
        ByteBuffer count = ByteBuffer.allocate(Long.BYTES);
        if (!read(stream, count)) {
            throw new EOFException(stream.connection() + ": ended instead of a number");
        }
        return count.getLong();
    }

    static void writeCount(ByteStream stream, long count) throws IOException {
        stream.write(ByteBuffer.allocate(Long.BYTES).putLong(count).flip());
    }

    /** Writes all of a body. */
    static void send(Body body, ByteStream stream) throws IOException {
        byte[] piece = new byte[Body.PIECE_BYTES];
        for (int n = body.read(piece, 0, piece.length); n >= 0; n = body.read(piece, 0, piece.length)) {
            stream.write(ByteBuffer.wrap(piece, 0, n));
        }
    }

    /** Reads {@code bytes} and forgets them; returns how many there were before the end. */
    static long drain(ByteStream stream, long bytes) throws IOException {
        ByteBuffer piece = ByteBuffer.wrap(new byte[Body.PIECE_BYTES]);
        long read = 0;
        while (read < bytes) {
            int n = stream.read(piece.clear().limit((int) Math.min(piece.capacity(), bytes - read)));
            if (n < 0) {
                break;
            }
            read += n;
        }
        return read;
    }
}
