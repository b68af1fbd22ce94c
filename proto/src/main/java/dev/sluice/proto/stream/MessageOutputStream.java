package dev.sluice.proto.stream;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.function.Function;

/**
 * A stream of bytes as the data of messages. Each write is sent at once, in pieces of at most {@value #PIECE_BYTES} bytes; so many small
 * writes are many small messages, unless there is a {@link java.io.BufferedOutputStream} before this.
 *
 * <p>Closing this ends neither call nor item, for a writer that fails closes its streams, too: who has written everything says so with
 * {@link MessageSender#complete}.
 *
 * <p><b>Threading:</b> one thread at a time. Several of these may share a {@link MessageSender}, as for standard output and standard error.
 */
public final class MessageOutputStream extends OutputStream {
    /** The largest piece that is sent in one message: large enough for the message to cost little, and far below gRPC's 4 MiB. */
    public static final int PIECE_BYTES = 128 << 10;

    private final MessageSink<ByteString> pieces;
    private long sent;
    private boolean closed;

    /**
     * Creates a stream.
     *
     * @param message wraps a piece
     */
    public <M> MessageOutputStream(MessageSink<? super M> messages, Function<ByteString, M> message) {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(message, "message");
        this.pieces = piece -> messages.send(message.apply(piece));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Sends bytes, of which those that were sent before a failure are counted by {@link #bytesSent}. */
    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        requireOpen();
        for (int done = 0; done < length; done += PIECE_BYTES) {
            send(ByteString.copyFrom(source, offset + done, Math.min(PIECE_BYTES, length - done)));
        }
    }

    /** As above, without a copy. */
    public void write(ByteString bytes) throws IOException {
        requireOpen();
        for (int done = 0; done < bytes.size(); done += PIECE_BYTES) {
            send(bytes.substring(done, Math.min(bytes.size(), done + PIECE_BYTES)));
        }
    }

    private void send(ByteString piece) throws IOException {
        pieces.send(piece);
        sent += piece.size();
    }

    /** Returns how many bytes have been sent. */
    public long bytesSent() {
        return sent;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
