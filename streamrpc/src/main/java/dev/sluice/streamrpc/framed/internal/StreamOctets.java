package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.OctetSink;
import dev.sluice.streamrpc.framed.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;

/** What a stream has. One thread at a time. */
public class StreamOctets implements Octets {
    private static final int PIECE_BYTES = 64 << 10;

    private final InputStream stream;

    /** Creates them. */
    public StreamOctets(InputStream stream) {
        this.stream = stream;
    }

    @Override
    public OptionalLong length() {
        return OptionalLong.empty();
    }

    @Override
    public final InputStream inputStream() {
        return stream;
    }

    @Override
    public long transferTo(FileChannel target, long position) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        long moved = 0;
        for (int n = stream.read(piece); n >= 0; n = stream.read(piece)) {
            ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
            while (bytes.hasRemaining()) {
                moved += target.write(bytes, position + moved);
            }
        }
        return moved;
    }

    @Override
    public void writeTo(OctetSink sink) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        if (stream.available() == 0) {
            sink.flush(); // the first bytes may be long in coming, and the peer waits for the header
        }
        for (int n = stream.read(piece); n >= 0; n = stream.read(piece)) {
            sink.write(ByteBuffer.wrap(piece, 0, n));
            if (n < piece.length && stream.available() == 0) {
                sink.flush(); // the next bytes may be long in coming
            }
        }
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
