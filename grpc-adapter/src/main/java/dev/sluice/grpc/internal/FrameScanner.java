package dev.sluice.grpc.internal;

import static dev.sluice.grpc.internal.Http2Frames.HEADER_BYTES;
import static dev.sluice.grpc.internal.Http2Frames.RST_STREAM;

import java.nio.ByteBuffer;

/** Finds the frames in one direction of an HTTP/2 connection (RFC 9113, section 4.1) as the bytes pass. For one thread at a time. */
final class FrameScanner {
    private static final int ERROR_CODE_BYTES = 4;

    /** Told of each frame when its header is complete; of RST_STREAM when its error code is, too. */
    interface Frames {
        /**
         * Called in the order of the frames.
         *
         * @param stream the number of its stream; 0 for frames of the connection
         * @param code the error code of RST_STREAM; 0 for other frames
         */
        void frame(int length, int type, int flags, int stream, int code);
    }

    private final Frames frames;
    private int skip;
    private int headerBytes;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int codeBytes;
    private int code;

    /** @param preface bytes before the first frame */
    FrameScanner(int preface, Frames frames) {
        this.skip = preface;
        this.frames = frames;
    }

    /** Goes over bytes, to the end of a frame at most, and moves the buffer's position there. */
    void scan(ByteBuffer bytes) {
        if (codeBytes == 0 && headerBytes == 0 && skip > 0) {
            skip(bytes);
            return;
        }
        while (codeBytes == 0 && headerBytes < HEADER_BYTES && bytes.hasRemaining()) {
            header(bytes.get() & 0xFF);
        }
        if (headerBytes == HEADER_BYTES) {
            headerBytes = 0;
            skip = length;
            if (type == RST_STREAM && length >= ERROR_CODE_BYTES) {
                codeBytes = ERROR_CODE_BYTES;
                code = 0;
            } else {
                frames.frame(length, type, flags, stream & Integer.MAX_VALUE, 0);
                skip(bytes);
            }
        }
        if (codeBytes > 0) {
            errorCode(bytes);
        }
    }

    private void errorCode(ByteBuffer bytes) {
        while (codeBytes > 0 && bytes.hasRemaining()) {
            code = code << 8 | (bytes.get() & 0xFF);
            codeBytes--;
            skip--;
        }
        if (codeBytes == 0) {
            frames.frame(length, type, flags, stream & Integer.MAX_VALUE, code);
        }
    }

    private void skip(ByteBuffer bytes) {
        int n = Math.min(skip, bytes.remaining());
        bytes.position(bytes.position() + n);
        skip -= n;
    }

    private void header(int value) {
        switch (headerBytes++) {
            case 0 -> length = value;
            case 1, 2 -> length = length << 8 | value;
            case 3 -> type = value;
            case 4 -> flags = value;
            default -> stream = stream << 8 | value; // with a reserved bit in front
        }
    }

    /** Returns whether a frame has just ended, or none has begun. */
    boolean isBetweenFrames() {
        return headerBytes == 0 && skip == 0;
    }
}
