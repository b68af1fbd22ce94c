package dev.sluice.streamrpc.framed.internal;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.framed.Octets;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Writes messages to a connection that threads use: each in one call if it is small, head and payload together.
 *
 * <p>One thread sends messages; heartbeats and the last reset may come from others. The lock is held while its holder waits for room, which
 * keeps those from falling into the middle of a frame.
 */
final class MessageOutput {
    private final ByteStream stream;
    private final boolean extended;
    private final ReentrantLock lock = new ReentrantLock();
    /** Frames go one by one, so a message may have begun and not ended. */
    private volatile boolean withinMessage;

    private volatile boolean waiting;
    private volatile boolean unwanted;

    MessageOutput(ByteStream stream, boolean extended) {
        this.stream = stream;
        this.extended = extended;
    }

    /** Returns whether a thread waits for room. Any thread. */
    boolean isWaiting() {
        return waiting;
    }

    /** Returns whether the next byte may begin a message. */
    boolean isBetweenMessages() {
        return !withinMessage;
    }

    /** Writes bytes that are no message. */
    void raw(byte[] bytes) throws TransportException {
        lock.lock();
        try {
            write(ByteBuffer.wrap(bytes));
        } finally {
            lock.unlock();
        }
    }

    /** Writes a header that no body follows. */
    void header(byte[] header) throws TransportException {
        try (FrameWriter frames = begin(header, 0)) {
            frames.flush();
        }
        withinMessage = false;
    }

    /** Writes a header and a body. */
    void document(byte[] header, byte[] body) throws TransportException {
        try (FrameWriter frames = begin(header, FrameHead.BYTES + body.length)) {
            frames.whole(FrameType.DATA, body);
            frames.flush();
        }
        withinMessage = false;
    }

    /**
     * Writes a header, and octets, whose end and failure it tells the peer as it can: without extensions, a failure is a reset.
     *
     * @param failed told, before the peer is, what their source failed with
     * @throws TransportException if the connection failed
     */
    void octets(byte[] header, Octets octets, Consumer<Throwable> failed) throws TransportException {
        try (FrameWriter frames = begin(header, FrameWriter.BUFFER_BYTES)) {
            OctetWriter writer = new OctetWriter(frames, octets.length(), extended, () -> unwanted);
            boolean complete = writer.run(octets, failed);
            withinMessage = !complete && !extended;
        }
    }

    /** The octets that are being written, if any are, have no reader any more: ends them as if their source had failed. Any thread. */
    void stopOctets() {
        unwanted = true;
    }

    private FrameWriter begin(byte[] header, int moreBytes) throws TransportException {
        withinMessage = true;
        unwanted = false;
        FrameWriter frames = new FrameWriter(this, FrameHead.BYTES + header.length + moreBytes);
        try {
            frames.whole(FrameType.HEADER, header);
            return frames;
        } catch (TransportException | RuntimeException e) {
            frames.close();
            throw e;
        }
    }

    /** Says that this side is there, unless it is saying something else: then that says it. */
    void heartbeat() throws TransportException {
        headAlone(FrameType.HEARTBEAT);
    }

    /** Says that this side will say nothing more, if another frame is not in the way. */
    void reset() throws TransportException {
        headAlone(FrameType.RESET);
    }

    private void headAlone(FrameType type) throws TransportException {
        if (lock.tryLock()) {
            try {
                ByteBuffer head = ByteBuffer.allocate(FrameHead.BYTES);
                FrameHead.put(head, type, true, 0);
                write(head.flip());
            } finally {
                lock.unlock();
            }
        }
    }

    ReentrantLock lock() {
        return lock;
    }

    ByteStream stream() {
        return stream;
    }

    /** As the stream's; under the lock. */
    long transferFrom(FileChannel file, long position, long count) throws TransportException {
        waiting = true;
        try {
            return stream.transferFrom(file, position, count);
        } finally {
            waiting = false;
        }
    }

    /** Under the lock. */
    void write(ByteBuffer bytes) throws TransportException {
        waiting = true;
        try {
            stream.write(bytes);
        } finally {
            waiting = false;
        }
    }
}
