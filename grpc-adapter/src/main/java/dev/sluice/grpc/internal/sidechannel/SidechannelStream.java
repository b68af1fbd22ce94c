package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.AbstractByteStream;
import java.nio.ByteBuffer;

/** An end of a sidechannel, over the view of its stream. As it stands, all is the stream's; subclasses say what differs. */
abstract class SidechannelStream extends AbstractByteStream {
    final ByteStream below;

    SidechannelStream(ByteStream below) {
        super(below.connection());
        this.below = below;
    }

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        return below.read(dst);
    }

    @Override
    public int write(ByteBuffer src) throws TransportException {
        return below.write(src);
    }

    @Override
    public void shutdownOutput() throws TransportException {
        below.shutdownOutput();
    }

    @Override
    public void close() {
        below.close();
    }

    @Override
    public void abort() {
        below.abort();
    }

    @Override
    public boolean isOpen() {
        return below.isOpen();
    }
}
