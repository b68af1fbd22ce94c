package dev.sluice.cli.files;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.Reason;
import dev.sluice.nio.Timeout;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.zip.CRC32C;

/**
 * What comes on a stream of the file service: messages preceded by their length, and bare content between them. Failures of the
 * stream are {@link TransportException}s; whatever else is thrown comes from where the content goes. One thread.
 */
final class StreamInput implements AutoCloseable {
    /** The longest message that {@code files.proto} allows. */
    static final int MAX_MESSAGE_BYTES = 65536;

    /** Of the varint that precedes a message: more are not needed up to the longest. */
    private static final int MAX_LENGTH_BYTES = 3;

    private static final int BUFFER_BYTES = 256 << 10;

    private final ByteStream stream;
    private final PooledBuffer pooled;
    /** What has been read and not yet been used. */
    private final ByteBuffer bytes;

    StreamInput(ByteStream stream) throws TransportException {
        this.stream = stream;
        this.pooled = stream.connection().loop().group().buffers().acquire(BUFFER_BYTES);
        this.bytes = pooled.buffer().limit(0);
    }

    /**
     * Reads a message.
     *
     * @throws TransportException if the stream ends before, or carries none
     */
    <M extends MessageLite> M message(Parser<M> parser, String what) throws TransportException {
        int length = length(what);
        while (bytes.remaining() < length) {
            fill(what);
        }
        byte[] message = new byte[length];
        bytes.get(message);
        try {
            return parser.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR, stream.connection() + ": malformed " + what + ": " + e.getMessage(), e);
        }
    }

    private int length(String what) throws TransportException {
        int length = 0;
        for (int i = 0; i < MAX_LENGTH_BYTES; i++) {
            if (!bytes.hasRemaining()) {
                fill(what);
            }
            byte b = bytes.get();
            length |= (b & 0x7f) << (7 * i);
            if (b >= 0) {
                if (length > MAX_MESSAGE_BYTES) {
                    break;
                }
                return length;
            }
        }
        throw new TransportException(
                Reason.PROTOCOL_ERROR,
                stream.connection() + ": " + what + " is announced with more than " + MAX_MESSAGE_BYTES + " bytes");
    }

    /** Reads at least one more byte behind those that are there. */
    private void fill(String what) throws TransportException {
        bytes.compact();
        int n;
        try {
            n = stream.read(bytes);
        } finally {
            bytes.flip();
        }
        if (n < 0) {
            throw new TransportException(
                    Reason.TRUNCATED, stream.connection() + ": the peer ended the stream before the " + what);
        }
    }

    /**
     * Moves content to where it goes.
     *
     * @return its CRC-32C
     */
    int content(long size, WritableByteChannel sink, Progress progress) throws IOException {
        CRC32C crc = new CRC32C();
        long done = 0;
        progress.moved(0, size);
        while (done < size) {
            if (!bytes.hasRemaining()) {
                fill("last " + (size - done) + " of " + size + " bytes");
            }
            ByteBuffer piece = bytes.slice(bytes.position(), (int) Math.min(bytes.remaining(), size - done));
            bytes.position(bytes.position() + piece.remaining());
            done += piece.remaining();
            crc.update(piece.duplicate());
            while (piece.hasRemaining()) {
                sink.write(piece);
            }
            progress.moved(done, size);
        }
        return (int) crc.getValue();
    }

    /** Reads and drops what still comes until the peer ends its direction, or cuts the stream at the limit. */
    void discardRest(Duration limit) throws TransportException {
        EventLoop loop = stream.connection().loop();
        loop.post(() -> {
            Timeout timeout = loop.schedule(limit, stream::abort);
            stream.connection().whenClosed(cause -> timeout.cancel());
        });
        do {
            bytes.clear();
        } while (stream.read(bytes) >= 0);
        bytes.limit(0);
    }

    @Override
    public void close() {
        pooled.release();
    }
}
