package dev.sluice.grpc.internal;

import dev.sluice.nio.ByteStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The output of a server's connection that has threads of its own. Each piece is written at once: not all of those that
 * grpc-okhttp writes are followed by a flush. Thread-safe; who writes waits for whoever else does.
 */
final class StreamOutput extends FrameOutput {
    private final ByteStream stream;
    private final OutputStream output;
    private final ReentrantLock lock = new ReentrantLock();

    /** @param frames told of each frame that is written */
    StreamOutput(ByteStream stream, FrameScanner.Frames frames) {
        super(0, frames);
        this.stream = stream;
        this.output = stream.outputStream();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            super.write(bytes, offset, length);
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean insert(byte[] frame) throws IOException {
        lock.lock();
        try {
            return super.insert(frame);
        } finally {
            lock.unlock();
        }
    }

    @Override
    void endWith(byte[] last) throws IOException {
        lock.lock();
        try {
            super.endWith(last);
        } finally {
            lock.unlock();
        }
    }

    @Override
    void put(byte[] bytes, int offset, int length) throws IOException {
        try {
            output.write(bytes, offset, length);
        } catch (IOException e) {
            stream.abort(); // bytes are lost: what came after them would be taken for something else
            throw e;
        }
    }

    @Override
    void end() throws IOException {
        stream.shutdownOutput();
    }

    @Override
    public void close() {
        stream.close();
    }
}
