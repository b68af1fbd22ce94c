package dev.sluice.grpc.internal.sidechannel;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The server's end where the client sends packets: reads their payload, writes bytes as they are. */
final class FramedServerStream extends SidechannelStream {
    private final PacketReader packets;

    FramedServerStream(ByteStream below) {
        super(below);
        packets = new PacketReader(below::read);
    }

    @Override
    public int read(ByteBuffer dst) throws TransportException {
        return packets.read(dst);
    }

    @Override
    public long transferFrom(FileChannel src, long position, long count) throws TransportException {
        return below.transferFrom(src, position, count);
    }
}
