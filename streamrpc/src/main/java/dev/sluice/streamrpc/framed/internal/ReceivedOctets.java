package dev.sluice.streamrpc.framed.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** Octets on their way in. One thread at a time. */
final class ReceivedOctets extends StreamOctets {
    private final Input input;

    /** @param ended is told once, how they ended: read to the end, failed, or given up */
    ReceivedOctets(MessageInput messages, long maxBytes, Ending ended) {
        this(new Input(messages, messages.beginOctets(maxBytes), ended));
    }

    private ReceivedOctets(Input input) {
        super(input);
        this.input = input;
    }

    /** What follows the last byte. */
    @FunctionalInterface
    interface Ending {
        /** Nothing follows. */
        Ending NONE = () -> {};

        void ended();
    }

    @Override
    public long transferTo(FileChannel target, long position) throws IOException {
        return input.transferTo(target, position);
    }

    private static final class Input extends InputStream {
        private final MessageInput messages;
        private final long message;
        private final Ending ended;
        private final byte[] one = new byte[1];
        private boolean over;
        private Optional<IOException> failure = Optional.empty();
        private boolean closed;

        Input(MessageInput messages, long message, Ending ended) {
            this.messages = messages;
            this.message = message;
            this.ended = ended;
        }

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            return (int) step(() -> messages.octets(message, ByteBuffer.wrap(bytes, offset, length)));
        }

        long transferTo(FileChannel target, long position) throws IOException {
            long moved = 0;
            while (true) {
                long at = position + moved;
                long n = step(() -> messages.octets(message, target, at));
                if (n < 0) {
                    return moved;
                }
                moved += n;
            }
        }

        private interface Read {
            long run() throws IOException;
        }

        private long step(Read read) throws IOException {
            if (closed) {
                throw new IOException("the octets are closed");
            }
            if (failure.isPresent()) {
                throw failure.get(); // an end would look like a good one
            }
            if (over) {
                return -1;
            }
            try {
                long n = read.run();
                if (n < 0) {
                    end();
                }
                return n;
            } catch (IOException e) {
                failure = Optional.of(e);
                end();
                throw e;
            }
        }

        private void end() {
            if (!over) {
                over = true;
                ended.ended();
            }
        }

        @Override
        public void close() {
            closed = true;
            end();
        }
    }
}
