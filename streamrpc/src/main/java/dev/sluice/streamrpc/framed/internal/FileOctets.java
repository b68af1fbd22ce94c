package dev.sluice.streamrpc.framed.internal;

import dev.sluice.streamrpc.framed.OctetSink;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;

/** A range of a file. One thread at a time. */
public final class FileOctets extends StreamOctets {
    private final FileChannel file;
    private final long position;
    private final long count;

    /** Creates them; they own the file. */
    public FileOctets(FileChannel file, long position, long count) {
        super(new RangeInput(file, position, count));
        if (position < 0 || count < 0) {
            throw new IllegalArgumentException(
                    "a range of a file must begin and end at 0 or beyond, is " + count + " bytes from " + position);
        }
        this.file = file;
        this.position = position;
        this.count = count;
    }

    @Override
    public OptionalLong length() {
        return OptionalLong.of(count);
    }

    @Override
    public void writeTo(OctetSink sink) throws IOException {
        sink.transferFrom(file, position, count);
    }

    /** Reads from a position of its own. */
    private static final class RangeInput extends InputStream {
        private final FileChannel file;
        private long position;
        private long left;

        RangeInput(FileChannel file, long position, long left) {
            this.file = file;
            this.position = position;
            this.left = left;
        }

        static int readSome(FileChannel file, ByteBuffer bytes, long position) throws IOException {
            int n = file.read(bytes, position);
            if (n < 0) {
                throw new EOFException(
                        "the file ends at byte " + position + ", before the range that was asked for does");
            }
            return n;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            int n = readSome(file, ByteBuffer.wrap(bytes, offset, (int) Math.min(length, left)), position);
            position += n;
            left -= n;
            return n;
        }

        @Override
        public int available() {
            return (int) Math.min(left, Integer.MAX_VALUE);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
