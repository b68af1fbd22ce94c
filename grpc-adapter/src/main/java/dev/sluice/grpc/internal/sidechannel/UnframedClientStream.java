package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import java.nio.channels.FileChannel;

/**
 * The client's end where both sides use the stream's own half-close: bytes as they are, both ways. A close without an end of the output
 * before it cuts the stream, for an end is what it would look like to the server; with packets the server sees the difference by itself.
 */
final class UnframedClientStream extends SidechannelStream {
    private volatile boolean outputEnded;

    UnframedClientStream(ByteStream below) {
        super(below);
    }

    @Override
    public void shutdownOutput() throws TransportException {
        below.shutdownOutput();
        outputEnded = true;
    }

    @Override
    public void close() {
        if (outputEnded) {
            below.close();
        } else {
            below.abort();
        }
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        return below.transferFrom(src, position, count);
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
