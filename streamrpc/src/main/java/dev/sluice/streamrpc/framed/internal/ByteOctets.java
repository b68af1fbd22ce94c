package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.OctetSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Bytes in memory. One thread at a time. */
public final class ByteOctets extends StreamOctets {
    private final byte[] bytes;

    /** Creates them; the bytes are not copied. */
    public ByteOctets(byte[] bytes) {
        super(new ByteArrayInputStream(bytes));
        this.bytes = bytes;
    }

    @Override
    public OptionalLong length() {
        return OptionalLong.of(bytes.length);
    }

    @Override
    public void writeTo(OctetSink sink) throws IOException {
        sink.write(ByteBuffer.wrap(bytes));
    }
}
