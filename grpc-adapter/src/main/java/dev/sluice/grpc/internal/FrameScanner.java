package dev.sluice.grpc.internal;

/** Finds the frames in one direction of an HTTP/2 connection (RFC 9113, section 4.1) as the bytes pass. For one thread at a time. */
final class FrameScanner {
    static final int HEADER_BYTES = 9;
    static final int RST_STREAM = 3;

    private static final int ERROR_CODE_BYTES = 4;

    /** Told of each frame when its header is complete; of RST_STREAM when its error code is, too. */
    interface Frames {
        /**
         * Called in the order of the frames.
         *
         * @param code the error code of RST_STREAM; 0 for other frames
         */
        void frame(int length, int type, int flags, int code);
    }

    private final Frames frames;
    private int skip;
    private int headerBytes;
    private int length;
    private int type;
    private int flags;
    private int codeBytes;
    private int code;

    /** @param preface bytes before the first frame */
    FrameScanner(int preface, Frames frames) {
        this.skip = preface;
        this.frames = frames;
    }

    /** Goes over bytes, to the end of a frame at most; returns how many. */
    int scan(byte[] bytes, int offset, int count) {
        int at = offset;
        int end = offset + count;
        if (codeBytes > 0) {
            return codeOf(bytes, at, end);
        }
        if (headerBytes == 0 && skip > 0) {
            return skipped(count);
        }
        while (at < end && headerBytes < HEADER_BYTES) {
            header(bytes[at++] & 0xFF);
        }
        if (headerBytes == HEADER_BYTES) {
            headerBytes = 0;
            skip = length;
            if (type == RST_STREAM && length >= ERROR_CODE_BYTES) {
                codeBytes = ERROR_CODE_BYTES;
                code = 0;
                at += codeOf(bytes, at, end);
            } else {
                frames.frame(length, type, flags, 0);
                at += skipped(end - at);
            }
        }
        return at - offset;
    }

    private int codeOf(byte[] bytes, int offset, int end) {
        int at = offset;
        while (at < end && codeBytes > 0) {
            code = code << 8 | (bytes[at++] & 0xFF);
            codeBytes--;
            skip--;
        }
        if (codeBytes == 0 && at > offset) {
            frames.frame(length, type, flags, code);
        }
        return at - offset;
    }

    private int skipped(int available) {
        int n = Math.min(skip, available);
        skip -= n;
        return n;
    }

    private void header(int value) {
        switch (headerBytes++) {
            case 0 -> length = value;
            case 1, 2 -> length = length << 8 | value;
            case 3 -> type = value;
            case 4 -> flags = value;
            default -> {
                // The stream's number.
            }
        }
    }

    /** Returns whether a frame has just ended, or none has begun. */
    boolean isBetweenFrames() {
        return headerBytes == 0 && skip == 0;
    }
}
