package dev.sluice.grpc.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What grpc-okhttp writes, frame by frame, and between two frames what others have to say. Once ended it drops what is written.
 *
 * <p>For one thread at a time.
 */
abstract class FrameOutput extends OutputStream {
    private static final byte[] NONE = {};

    private final FrameScanner frames;
    /** What waits for the end of the frame that is under way. */
    private byte[] inserted = NONE;

    private boolean ending;
    private boolean ended;

    /**
     * @param preface bytes that are written before the first frame
     * @param frames told of each frame that is written
     */
    FrameOutput(int preface, FrameScanner.Frames frames) {
        this.frames = new FrameScanner(preface, frames);
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
            frames.scan(rest);
            if (inserted.length > 0 && frames.isBetweenFrames()) {
                put(bytes, put, rest.position() - put);
                put = rest.position();
                putInserted();
            }
        }
        if (!ended) {
            put(bytes, put, rest.position() - put);
        }
    }

    /** Writes a frame once the one under way is complete: now, or with its last bytes. Dropped if another still waits for that. */
    void insert(byte[] frame) throws IOException {
        if (inserted.length == 0) {
            inserted = frame;
            if (!ended && frames.isBetweenFrames()) {
                putInserted();
            }
        }
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
