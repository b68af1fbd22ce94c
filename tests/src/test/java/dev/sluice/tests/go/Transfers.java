package dev.sluice.tests.go;

import dev.sluice.nio.ByteStream;
import dev.sluice.tests.contract.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Moves payloads through streams, by threads. */
final class Transfers {
    private static final int PIECE_BYTES = 64 << 10;

    private Transfers() {}

    /** Sends all of it, and no end. */
    static void send(ByteStream stream, Payload payload) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < payload.length(); at += piece.limit()) {
            payload.fill(at, piece.clear());
            stream.write(piece.flip());
        }
    }

    /** Reads to the end, and returns what came as the peers say it: {@code HEX COUNT}. */
    static String digest(ByteStream stream) throws IOException {
        MessageDigest digest = newSha256();
        long count = 0;
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        while (stream.read(piece.clear()) >= 0) {
            count += piece.flip().remaining();
            digest.update(piece);
        }
        return HexFormat.of().formatHex(digest.digest()) + " " + count;
    }

    /** Returns what {@link #digest} returns if all of the payload came. */
    static String digest(Payload payload) {
        return payload.sha256() + " " + payload.length();
    }

    /** Runs a task on a thread of its own, beside what the caller does. */
    static <T> CompletableFuture<T> beside(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                },
                "beside");
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
