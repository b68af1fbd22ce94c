package dev.sluice.grpc.internal;

import static dev.sluice.grpc.internal.Http2Frames.HEADER_BYTES;
import static dev.sluice.grpc.internal.Http2Frames.RST_STREAM;
import static dev.sluice.grpc.internal.Http2Frames.WINDOW_UPDATE;

import java.nio.ByteBuffer;

/** Finds the frames in one direction of an HTTP/2 connection (RFC 9113, section 4.1) as the bytes pass. For one thread at a time. */
final class FrameScanner {
    private static final int VALUE_BYTES = 4;

    /** Told of each frame when its header is complete; of RST_STREAM and WINDOW_UPDATE when their four bytes are, too. */
    interface Frames {
        /**
         * Called in the order of the frames.
         *
         * @param length bytes behind the header
         * @param stream the number of its stream; 0 for frames of the connection
         * @param value the error code of RST_STREAM, the increment of WINDOW_UPDATE; 0 for other frames
         */
        void frame(int length, int type, int flags, int stream, int value);
    }

    private final Frames frames;
    private int skip;
    private int headerBytes;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int valueBytes;
    private int value;

    /** @param preface bytes before the first frame */
    FrameScanner(int preface, Frames frames) {
        this.skip = preface;
        this.frames = frames;
    }

    /** Goes over bytes, to the end of a frame at most, and moves the buffer's position there. */
    void scan(ByteBuffer bytes) {
        if (valueBytes == 0 && headerBytes == 0 && skip > 0) {
            skip(bytes);
            return;
        }
        while (valueBytes == 0 && headerBytes < HEADER_BYTES && bytes.hasRemaining()) {
            header(bytes.get() & 0xFF);
        }
        if (headerBytes == HEADER_BYTES) {
            headerBytes = 0;
            skip = length;
            if ((type == RST_STREAM || type == WINDOW_UPDATE) && length >= VALUE_BYTES) {
                valueBytes = VALUE_BYTES;
                value = 0;
            } else {
                frames.frame(length, type, flags, stream & Integer.MAX_VALUE, 0);
                skip(bytes);
            }
        }
        if (valueBytes > 0) {
            readValue(bytes);
        }
    }

    private void readValue(ByteBuffer bytes) {
        while (valueBytes > 0 && bytes.hasRemaining()) {
            value = value << 8 | (bytes.get() & 0xFF);
            valueBytes--;
            skip--;
        }
        if (valueBytes == 0) {
            frames.frame(length, type, flags, stream & Integer.MAX_VALUE, value);
        }
    }

    private void skip(ByteBuffer bytes) {
        int n = Math.min(skip, bytes.remaining());
        bytes.position(bytes.position() + n);
        skip -= n;
    }

    private void header(int next) {
        switch (headerBytes++) {
            case 0 -> length = next;
            case 1, 2 -> length = length << 8 | next;
            case 3 -> type = next;
            case 4 -> flags = next;
            default -> stream = stream << 8 | next; // with a reserved bit in front
        }
    }

    /** Returns whether a frame has just ended, or none has begun. */
    boolean isBetweenFrames() {
        return headerBytes == 0 && skip == 0;
    }
}
