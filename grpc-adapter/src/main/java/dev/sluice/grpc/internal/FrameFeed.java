package dev.sluice.grpc.internal;

import dev.sluice.grpc.Http2Breach;
import io.grpc.okhttp.internal.framed.FrameReader;
import io.grpc.okhttp.internal.framed.Http2;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import okio.Buffer;

/**
 * Feeds a client's bytes to grpc-okhttp's reader of frames, which would block for more: so only frames that are whole, and header blocks
 * with all of their CONTINUATION frames. No I/O. For one thread at a time.
 */
final class FrameFeed {
    private final FrameGuard guard;
    private final FrameScanner scanner;
    private final Buffer input = new Buffer();
    private final FrameReader reader = new Http2().newReader(input, false);
    /** Bytes of {@link #input} up to the end of what is whole. */
    private long wholeBytes;

    private long partBytes;
    private boolean preface = true;
    private boolean headerBlockGoesOn;
    private boolean discarded;
    private Optional<Http2Breach> breach = Optional.empty();

    FrameFeed(FrameGuard guard) {
        this.guard = guard;
        this.scanner = new FrameScanner(
                Http2Preface.PREFACE.length, (length, type, flags, stream, value) -> seen(length, type, flags, stream));
    }

    private void seen(int length, int type, int flags, int stream) {
        breach = guard.received(length, type, flags, stream);
        // Another frame than CONTINUATION amid a header block is for the reader to refuse.
        headerBlockGoesOn = (type == Http2Frames.HEADERS || (type == Http2Frames.CONTINUATION && headerBlockGoesOn))
                && (flags & Http2Frames.FLAG_END_HEADERS) == 0;
    }

    /**
     * Takes bytes up to the first breach of a limit.
     *
     * @return the breach, after which nothing may be fed any more
     */
    Optional<Http2Breach> receive(ByteBuffer bytes) throws IOException {
        ByteBuffer all = bytes.duplicate();
        while (bytes.hasRemaining()) {
            int begin = bytes.position();
            scanner.scan(bytes);
            if (breach.isPresent()) {
                return breach;
            }
            partBytes += bytes.position() - begin;
            if (scanner.isBetweenFrames() && !headerBlockGoesOn) {
                wholeBytes += partBytes;
                partBytes = 0;
            }
        }
        input.write(all);
        return breach;
    }

    /**
     * Has the reader tell {@code handler} of what is whole.
     *
     * @throws IOException if the client breaks the rules of HTTP/2
     */
    void deliver(FrameReader.Handler handler) throws IOException {
        if (preface && wholeBytes > 0) {
            preface = false;
            wholeBytes -= Http2Preface.PREFACE.length;
            reader.readConnectionPreface();
        }
        while (wholeBytes > 0) {
            long before = input.size();
            boolean complete = reader.nextFrame(handler);
            if (discarded) {
                return;
            }
            wholeBytes -= before - input.size();
            if (!complete || wholeBytes < 0) {
                throw new IOException("FRAME_SIZE_ERROR: a frame with less in it than its flags say");
            }
        }
    }

    /** Nothing more will be fed or delivered. */
    void discard() {
        discarded = true;
        input.clear();
        wholeBytes = 0;
    }
}
