package dev.sluice.cli.files;

import com.google.protobuf.MessageLite;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/** The half of a transfer that sends: head, content, and a trailer with the checksum. One thread. */
final class ContentSender {
    /** Up to here all goes in one write; beyond, the transport picks its fastest way for files. */
    private static final int SMALL_BYTES = 64 << 10;
    /** How much goes between two looks at whether to go on: enough for a transport to time its ways on. */
    private static final int SLICE_BYTES = 7 << 20;

    private final ByteStream stream;
    private final Progress progress;
    private final BooleanSupplier stop;

    /** @param stop asked now and then; once true, the rest is not sent */
    ContentSender(ByteStream stream, Progress progress, BooleanSupplier stop) {
        this.stream = stream;
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Sends a file.
     *
     * @param head what precedes the content
     * @param checksum is awaited once the content is sent
     * @param trailer makes the trailer of the checksum
     * @return whether all was sent; false after a stop
     * @throws TransportException with {@link Reason#TRUNCATED} if the file has become shorter than {@code size}
     */
    boolean send(byte[] head, FileChannel file, long size, Checksums.Pending checksum, IntFunction<MessageLite> trailer)
            throws IOException {
        progress.moved(0, size);
        if (size <= SMALL_BYTES) {
            sendSmall(head, file, (int) size, delimited(trailer.apply(checksum.await())));
            progress.moved(size, size);
            return true;
        }
        stream.write(ByteBuffer.wrap(head));
        for (long sent = 0; sent < size; ) {
            if (stop.getAsBoolean()) {
                return false;
            }
            long n = stream.transferFrom(file, sent, Math.min(SLICE_BYTES, size - sent));
            if (n == 0) {
                throw shorter(sent, size);
            }
            sent += n;
            progress.moved(sent, size);
        }
        stream.write(ByteBuffer.wrap(delimited(trailer.apply(checksum.await()))));
        return true;
    }

    private void sendSmall(byte[] head, FileChannel file, int size, byte[] trailer) throws IOException {
        int total = head.length + size + trailer.length;
        PooledBuffer pooled = stream.connection().loop().group().buffers().acquire(Math.max(1, total));
        try {
            ByteBuffer bytes = pooled.buffer().put(head).limit(head.length + size);
            while (bytes.hasRemaining()) {
                if (file.read(bytes, bytes.position() - head.length) < 0) {
                    throw shorter(bytes.position() - head.length, size);
                }
            }
            stream.write(bytes.limit(total).put(trailer).flip());
        } finally {
            pooled.release();
        }
    }

    private TransportException shorter(long sent, long size) {
        return new TransportException(
                Reason.TRUNCATED,
                stream.connection() + ": the file became shorter while it was sent: it had " + size
                        + " bytes and ended after " + sent);
    }

    /** Returns a message preceded by its length. */
    static byte[] delimited(MessageLite message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            message.writeDelimitedTo(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("an array refuses bytes", e);
        }
        return bytes.toByteArray();
    }
}
