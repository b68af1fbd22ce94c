package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The output of a connection that its loop drives: gathers what grpc-okhttp writes in a turn, in pooled buffers, until the
 * connection takes it. Holds none when all is written. Loop-confined.
 */
final class LoopOutput extends FrameOutput {
    private static final int PIECE_BYTES = 64 << 10;
    /** More in one system call than a socket's buffer takes is of no use. */
    private static final int MAX_GATHERED = 16;

    private final Connection connection;
    /** Ready to be written, the oldest first; the last one is still being filled, and so not flipped. */
    private final Deque<PooledBuffer> pieces = new ArrayDeque<>();

    private long waitingBytes;
    private boolean discarded;

    /** @param frames told of each frame that is written */
    LoopOutput(Connection connection, FrameScanner.Frames frames) {
        super(0, frames);
        this.connection = connection;
    }

    /** Returns how much waits to be written. */
    long waitingBytes() {
        return waitingBytes;
    }

    @Override
    void put(byte[] bytes, int offset, int length) throws TransportException {
        for (int done = 0; done < length && !discarded; ) {
            ByteBuffer piece = pieceWithRoom();
            int n = Math.min(piece.remaining(), length - done);
            piece.put(bytes, offset + done, n);
            done += n;
            waitingBytes += n;
        }
    }

    private ByteBuffer pieceWithRoom() throws TransportException {
        PooledBuffer last = pieces.peekLast();
        if (last == null || !last.buffer().hasRemaining()) {
            if (last != null) {
                last.buffer().flip();
            }
            last = acquire();
            pieces.addLast(last);
        }
        return last.buffer();
    }

    private PooledBuffer acquire() throws TransportException {
        try {
            return connection.loop().buffers().acquireUpTo(PIECE_BYTES);
        } catch (TransportException e) {
            connection.abort(e); // bytes are lost: what came after them would be taken for something else
            throw e;
        }
    }

    /** Does nothing: the loop writes at the end of its turn. */
    @Override
    public void flush() {}

    /** Writes what the connection takes. */
    void writeOut() throws TransportException {
        PooledBuffer last = pieces.peekLast();
        if (last == null) {
            return;
        }
        last.buffer().flip();
        while (writeSome() && !pieces.isEmpty()) {
            // There may be room for more.
        }
        if (!pieces.isEmpty()) {
            last.buffer().compact();
        }
    }

    /** Writes once; returns whether all was taken. */
    private boolean writeSome() throws TransportException {
        int count = Math.min(pieces.size(), MAX_GATHERED);
        ByteBuffer[] gathered = new ByteBuffer[count];
        int i = 0;
        for (PooledBuffer piece : pieces) {
            if (i == count) {
                break;
            }
            gathered[i++] = piece.buffer();
        }
        waitingBytes -= connection.write(gathered, 0, count);
        while (!pieces.isEmpty() && !pieces.peekFirst().buffer().hasRemaining()) {
            pieces.removeFirst().release();
        }
        return !gathered[count - 1].hasRemaining();
    }

    /** Does nothing: the transport closes its socket, too. */
    @Override
    void end() {}

    /** Nothing is written any more. Idempotent. */
    void discard() {
        discarded = true;
        waitingBytes = 0;
        while (!pieces.isEmpty()) {
            pieces.removeFirst().release();
        }
    }
}
