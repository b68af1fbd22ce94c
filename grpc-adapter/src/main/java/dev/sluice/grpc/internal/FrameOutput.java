package dev.sluice.grpc.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * What grpc-okhttp writes, frame by frame, and between two frames what others have to say. Once ended it drops what is written.
 *
 * <p>For one thread at a time.
 */
abstract class FrameOutput extends OutputStream {
    private static final byte[] NONE = {};

    private final FrameScanner scanner;
    private boolean headerBlockGoesOn;
    /** What waits for the end of the frame that is under way. */
    private byte[] inserted = NONE;

    private boolean ending;
    private boolean ended;

    /**
     * @param preface bytes that are written before the first frame
     * @param frames told of each frame that is written
     */
    FrameOutput(int preface, FrameScanner.Frames frames) {
        this.scanner = new FrameScanner(preface, (length, type, flags, stream, value) -> {
            headerBlockGoesOn = (type == Http2Frames.HEADERS || type == Http2Frames.CONTINUATION)
                    && (flags & Http2Frames.FLAG_END_HEADERS) == 0;
            frames.frame(length, type, flags, stream, value);
        });
    }

    /** Returns whether another's frame may go here: not amid a header block (RFC 9113, section 4.3). */
    private boolean isBetweenFrames() {
        return scanner.isBetweenFrames() && !headerBlockGoesOn;
    }

    /** Takes bytes on their way; the array is the caller's. */
    abstract void put(byte[] bytes, int offset, int length) throws IOException;

    /** Nothing comes after what was put. */
    abstract void end() throws IOException;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (ended) {
            return;
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        int put = offset;
        while (rest.hasRemaining() && !ended) {
            scanner.scan(rest);
            if (inserted.length > 0 && isBetweenFrames()) {
                put(bytes, put, rest.position() - put);
                put = rest.position();
                putInserted();
            }
        }
        if (!ended) {
            put(bytes, put, rest.position() - put);
        }
    }

    /**
     * Writes a frame once the one under way is complete: now, or with its last bytes.
     *
     * @return whether it was written now, or never will be
     */
    boolean insert(byte[] frame) throws IOException {
        if (ended) {
            return true;
        }
        byte[] all = Arrays.copyOf(inserted, inserted.length + frame.length);
        System.arraycopy(frame, 0, all, inserted.length, frame.length);
        inserted = all;
        if (isBetweenFrames()) {
            putInserted();
        }
        return inserted.length == 0;
    }

    /** Writes a last frame, as {@link #insert}, and ends the output with it. Idempotent. */
    void endWith(byte[] last) throws IOException {
        if (!ending) {
            ending = true;
            inserted = NONE;
            insert(last);
        }
    }

    private void putInserted() throws IOException {
        byte[] frame = inserted;
        inserted = NONE;
        ended = ending;
        put(frame, 0, frame.length);
        if (ended) {
            end();
        }
    }
}
