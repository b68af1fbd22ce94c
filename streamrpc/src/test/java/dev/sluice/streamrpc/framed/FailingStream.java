package dev.sluice.streamrpc.framed;

import java.io.IOException;
import java.io.InputStream;

/** Has {@code ab}, and then a failure. */
final class FailingStream extends InputStream {
    private int read;

    @Override
    public int read() throws IOException {
        if (read == 2) {
            throw new IOException("disk on fire");
        }
        return 'a' + read++;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = 0;
        do {
            bytes[offset + n++] = (byte) read();
        } while (n < length && read < 2);
        return n;
    }
}
