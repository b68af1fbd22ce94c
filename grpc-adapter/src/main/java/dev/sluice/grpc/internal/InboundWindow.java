package dev.sluice.grpc.internal;

/**
 * What a client may still send on its connection (RFC 9113, section 6.9). grpc-okhttp renews it when half is used up, but forgets DATA for calls that have
 * ended: after some uploads that were refused half way, a client would wait for ever. So this counts, too, and says what was forgotten.
 *
 * <p>No I/O. For one thread at a time.
 */
final class InboundWindow {
    /** What is worth a frame. */
    private static final int LEAST_BYTES = 4 << 10;

    private final int half;
    private long used;

    /** @param windowBytes the window as the server enlarges it at the beginning, which is then {@linkplain #renewed} */
    InboundWindow(int windowBytes) {
        half = windowBytes / 2;
        used = (long) windowBytes - Http2Frames.INITIAL_WINDOW_BYTES;
    }

    /** A DATA frame came, padding included. */
    void received(int bytes) {
        used += bytes;
    }

    /** A WINDOW_UPDATE was sent. */
    void renewed(int bytes) {
        used -= bytes;
    }

    /** Returns what grpc-okhttp has certainly forgotten, for it renews what it has not at half of the window; 0 if that is not worth a frame. */
    int forgotten() {
        long bytes = used - half;
        return bytes < LEAST_BYTES ? 0 : (int) bytes;
    }
}
