package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The client's end where it sends packets: writes them, and reads bytes as they are.
 *
 * <p>Packets are put together in pooled memory, as many as fit, and written at once. A file is read to where it is in its packet. To write a
 * prefix and let the stream below transfer the payload would copy as often - it has no way to send a file but through memory - with two
 * writes for each packet, and would promise a length that a file which shrinks meanwhile cannot keep.
 */
final class FramedClientStream extends SidechannelStream {
    private volatile boolean outputEnded;

    FramedClientStream(ByteStream below) {
        super(below);
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        int count = src.remaining();
        try {
            send(packets -> copy(src, packets), count);
        } catch (IOException e) {
            throw TransportException.of(connection() + ": write", e);
        }
        return count;
    }

    private static int copy(ByteBuffer src, ByteBuffer packets) {
        int n = Math.min(src.remaining(), packets.remaining());
        packets.put(packets.position(), src, src.position(), n).position(packets.position() + n);
        src.position(src.position() + n);
        return n;
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        Packets.Source file = new Packets.Source() {
            private long at = position;

            @Override
            public int read(ByteBuffer dst) throws IOException {
                int n = src.read(dst, at);
                at += n;
                return n;
            }
        };
        try {
            return send(file, count);
        } catch (IOException e) {
            throw fileFailure("read the file to send", e);
        }
    }

    private long send(Packets.Source source, long count) throws IOException {
        requireNotOnLoop();
        if (outputEnded) {
            throw new IllegalStateException("sidechannel: write into a half-closed connection");
        }
        if (count == 0) {
            return 0;
        }
        PooledBuffer pooled = acquireCopyBuffer(count + Packets.PREFIX_BYTES);
        try {
            long sent = 0;
            while (sent < count) {
                ByteBuffer packets = pooled.buffer().clear();
                long n = Packets.fill(packets, source, count - sent);
                if (n == 0) {
                    break;
                }
                below.write(packets.flip());
                sent += n;
            }
            return sent;
        } finally {
            pooled.release();
        }
    }

    @Override
    public void shutdownOutput() throws TransportException {
        if (!outputEnded) {
            outputEnded = true;
            below.write(Packets.end());
        }
    }

    @Override
    public long transferTo(FileChannel dst, long position, long count) throws TransportException {
        return below.transferTo(dst, position, count);
    }

    @Override
    public long transferTo(ByteStream dst, long count) throws TransportException {
        return below.transferTo(dst, count);
    }
}
