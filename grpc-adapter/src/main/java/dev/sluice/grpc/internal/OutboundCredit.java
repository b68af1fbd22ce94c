package dev.sluice.grpc.internal;

/**
 * Passes a client's window for the whole connection (RFC 9113, section 6.9) on by as much as may wait here to be written, and holds back
 * the rest. grpc-okhttp takes a window as leave to hand over that many bytes; clients grant up to 2 GiB, and may then read slowly.
 *
 * <p>No I/O. For one thread at a time.
 */
final class OutboundCredit {
    /** Most that may wait. A connection writes no more in a turn of its loop, and has this once its client reads. */
    static final int MAX_WAITING_BYTES = 1 << 20;
    /** Most that may wait while memory is scarce: enough to go on with. */
    static final int SCANT_BYTES = 64 << 10;

    private long passedOn = Http2Frames.INITIAL_WINDOW_BYTES;
    private long heldBack;

    /** The client allows more. Returns false if that is more than it may (RFC 9113, section 6.9.1). */
    boolean granted(long bytes) {
        heldBack += bytes;
        return passedOn + heldBack <= Http2Frames.MAX_WINDOW_BYTES;
    }

    /** A DATA frame of so many bytes was handed over. */
    void used(int bytes) {
        passedOn -= bytes;
    }

    /**
     * Returns by how much the window is to grow now.
     *
     * @param waitingBytes handed over, and not written yet
     * @param maxWaitingBytes {@link #MAX_WAITING_BYTES}, or {@link #SCANT_BYTES} while memory is scarce
     */
    int take(long waitingBytes, int maxWaitingBytes) {
        long room = maxWaitingBytes - waitingBytes - passedOn;
        if (heldBack == 0 || room < Math.min(heldBack, maxWaitingBytes / 4)) {
            return 0;
        }
        int bytes = (int) Math.min(heldBack, room);
        heldBack -= bytes;
        passedOn += bytes;
        return bytes;
    }
}
