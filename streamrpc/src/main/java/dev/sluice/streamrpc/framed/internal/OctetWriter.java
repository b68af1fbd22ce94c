package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.OctetSink;
import dev.sluice.streamrpc.framed.Octets;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Makes frames of octets, and tells the peer how they ended. One thread, one message. */
final class OctetWriter implements OctetSink {
    private final FrameWriter frames;
    private final boolean extended;
    private final BooleanSupplier unwanted;
    private final boolean lengthKnown;
    private long left;
    /** A frame went that says that it is the last one. */
    private boolean ended;

    private Optional<TransportException> broken = Optional.empty();

    OctetWriter(FrameWriter frames, OptionalLong length, boolean extended, BooleanSupplier unwanted) {
        this.unwanted = unwanted;
        this.frames = frames;
        this.extended = extended;
        this.lengthKnown = length.isPresent();
        this.left = length.orElse(0);
    }

    /** Part of a message. */
    private interface Output {
        void run() throws TransportException;
    }

    /**
     * Writes all of a source.
     *
     * @param failed told what the source failed with, before the peer is
     * @return whether it was all
     * @throws TransportException if the connection failed
     */
    boolean run(Octets source, Consumer<Throwable> failed) throws TransportException {
        Optional<Throwable> failure = Optional.empty();
        try {
            source.writeTo(this);
            if (left > 0) {
                throw new EOFException("octets ended " + left + " bytes before the length that they announced");
            }
        } catch (Throwable t) { // told to the peer, and to the caller
            failure = Optional.of(t);
        }
        if (broken.isPresent()) { // whatever the source made of that
            throw broken.get();
        }
        if (failure.isPresent()) {
            failed.accept(failure.get());
            fail(failure.get());
        } else {
            finish();
        }
        return failure.isEmpty();
    }

    private void finish() throws TransportException {
        if (extended) {
            frames.head(FrameType.TRAILER, true);
        } else if (!frames.closeOpen(true) && !ended) {
            frames.head(FrameType.DATA, true);
        }
        frames.flush();
    }

    private void fail(Throwable failure) throws TransportException {
        if (extended) {
            frames.whole(FrameType.TRAILER, CallHeader.failure(failure).encode());
        } else {
            frames.head(FrameType.RESET, true);
        }
        frames.flush();
    }

    private void guard(Output output) throws TransportException {
        if (broken.isPresent()) {
            throw broken.get();
        }
        if (unwanted.getAsBoolean()) {
            throw new TransportException(Reason.CANCELLED, "the peer has answered already, and reads no more");
        }
        try {
            output.run();
        } catch (TransportException e) {
            broken = Optional.of(e);
            throw e;
        }
    }

    /** Counts bytes that are to come. */
    private void count(long bytes) {
        if (lengthKnown) {
            if (bytes > left) {
                throw new IllegalStateException(
                        "octets go on " + (bytes - left) + " bytes beyond the length that they announced");
            }
            left -= bytes;
        }
    }

    private boolean isLast(boolean endOfPiece, int frameBytes) {
        ended = !extended && lengthKnown && left == 0 && endOfPiece && frameBytes < FrameHead.MAX_PAYLOAD_BYTES;
        return ended;
    }

    @Override
    public void write(ByteBuffer bytes) throws TransportException {
        count(bytes.remaining());
        guard(() -> {
            if (frames.gather(bytes)) {
                return;
            }
            while (bytes.hasRemaining()) {
                int n = Math.min(bytes.remaining(), FrameHead.MAX_PAYLOAD_BYTES);
                frames.frame(FrameType.DATA, isLast(n == bytes.remaining(), n), bytes, n);
            }
        });
    }

    @Override
    public void transferFrom(FileChannel source, long position, long count) throws IOException {
        count(count);
        for (long sent = 0; sent < count; ) {
            int n = (int) Math.min(count - sent, FrameHead.MAX_PAYLOAD_BYTES);
            boolean last = isLast(sent + n == count, n);
            long begin = position + sent;
            long[] moved = {0};
            guard(() -> moved[0] = frames.file(last, source, begin, n, extended));
            if (moved[0] < n) {
                endsTooEarly(begin + moved[0]);
            }
            sent += n;
        }
    }

    /** The frame has promised more: with extensions it was filled up, and a trailer will say so. */
    private void endsTooEarly(long end) throws IOException {
        String text = "the file ends at byte " + end + ", before the range that was asked for does";
        if (!extended) {
            frames.cut();
            broken = Optional.of(new TransportException(Reason.CANCELLED, text));
        }
        throw new EOFException(text);
    }

    @Override
    public void flush() throws TransportException {
        guard(frames::flush);
    }
}
