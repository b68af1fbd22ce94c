package dev.sluice.samples.ring;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One direction of a connection: as many bytes as there is room for. Thread-safe. */
final class Ring {
    private static final int CAPACITY_BYTES = 64 << 10;

    private final byte[] bytes = new byte[CAPACITY_BYTES];
    private int head;
    private int size;
    private boolean ended;
    private boolean readerGone;
    private boolean writerWaits;
    private RingConnection reader;
    private RingConnection writer;

    synchronized void connect(RingConnection from, RingConnection to) {
        writer = from;
        reader = to;
    }

    /** Takes what there is room for. */
    synchronized int write(ByteBuffer src) throws IOException {
        if (readerGone) {
            throw new IOException("Broken pipe: the peer has closed");
        }
        int total = 0;
        while (src.hasRemaining() && size < CAPACITY_BYTES) {
            int tail = (head + size) % CAPACITY_BYTES;
            int end = tail < head ? head : CAPACITY_BYTES;
            int n = Math.min(src.remaining(), end - tail);
            src.get(bytes, tail, n);
            size += n;
            total += n;
        }
        if (total > 0) {
            reader.tellReadable();
        }
        return total;
    }

    /** Returns how many bytes were read, or -1 at the end. */
    synchronized int read(ByteBuffer dst) {
        int total = 0;
        while (dst.hasRemaining() && size > 0) {
            int n = Math.min(dst.remaining(), Math.min(size, CAPACITY_BYTES - head));
            dst.put(bytes, head, n);
            head = (head + n) % CAPACITY_BYTES;
            size -= n;
            total += n;
        }
        if (total > 0 && writerWaits) {
            tellWriter();
        }
        return total == 0 && ended && dst.hasRemaining() ? -1 : total;
    }

    synchronized boolean hasInput() {
        return size > 0 || ended;
    }

    synchronized void awaitRoom() {
        writerWaits = true;
        if (size < CAPACITY_BYTES || readerGone) {
            tellWriter();
        }
    }

    private void tellWriter() {
        writerWaits = false;
        writer.tellWritable();
    }

    /** The writer has no more to say, or is gone without having said all. */
    synchronized void end(boolean cut) {
        if (cut) {
            reader.tellReset();
        } else {
            ended = true;
            reader.tellReadable();
        }
    }

    synchronized void closeReader() {
        readerGone = true;
        if (writerWaits) {
            tellWriter();
        }
    }
}
