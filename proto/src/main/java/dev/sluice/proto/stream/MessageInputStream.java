package dev.sluice.proto.stream;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.Optional;

/**
 * The data of messages as a stream of bytes. What a message brought is handed out before the next one is waited for. Closing this does not
 * end the call.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class MessageInputStream extends InputStream {
    private static final int BYTE_MASK = 0xff;

    private final MessageSource<ByteString> source;
    private ByteString bytes = ByteString.EMPTY;
    private int taken;
    private boolean ended;
    private boolean closed;

    /** @param source yields the data of each message; an empty one is passed over */
    public MessageInputStream(MessageSource<ByteString> source) {
        this.source = Objects.requireNonNull(source, "source");
    }

    @Override
    public int read() throws IOException {
        return fill() ? bytes.byteAt(taken++) & BYTE_MASK : -1;
    }

    /** Waits for one byte at least. Never waits when it has some. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, bytes.size() - taken);
        bytes.substring(taken, taken + n).copyTo(target, offset);
        taken += n;
        return n;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        long moved = 0;
        while (fill()) {
            ByteString rest = bytes.substring(taken);
            taken = bytes.size();
            rest.writeTo(out);
            moved += rest.size();
        }
        return moved;
    }

    /** Returns how many bytes are left of the last message. */
    @Override
    public int available() throws IOException {
        requireOpen();
        return bytes.size() - taken;
    }

    /** Returns whether there is a byte; false at the end. */
    private boolean fill() throws IOException {
        requireOpen();
        while (taken == bytes.size() && !ended) {
            Optional<ByteString> next = source.next();
            bytes = next.orElse(ByteString.EMPTY);
            taken = 0;
            ended = next.isEmpty();
        }
        return !ended;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        bytes = ByteString.EMPTY;
        taken = 0;
    }
}
