package dev.sluice.nio.internal;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.PooledBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/** Sends ranges of files into one blocking socket, by each of the {@link FilePath}s. For one thread at a time. */
final class FileSender {
    /** Up to this a file is copied: neither sendfile's nor a mapping's fixed cost pays. */
    private static final int COPIED_BYTES = 64 << 10;
    /** Below this a mapping's fixed cost does not pay, which every core that runs this process bears. */
    private static final int CHOSEN_BYTES = 1 << 20;
    /**
     * Most that is copied at a time: a little less than a core's second-level cache has, 1 MiB on what this was measured on, where
     * 512 KiB and 1 MiB are each 10 to 20 % slower. Whole {@linkplain SendPages pages}.
     */
    private static final int COPY_BYTES = 28 * SendPages.PAGE_BYTES;
    /** Most that is mapped at a time. */
    private static final int SLICE_BYTES = 8 * COPY_BYTES;
    /** How much is unmapped at a time where there is more: much beside the fixed cost of {@link FileMappings#shared}. */
    static final int RETIRED_BYTES = 6 * SLICE_BYTES;
    /** Bytes given to the kernel at a time. More were not faster on any path, and {@link Connection#progress} promises no more. */
    private static final int PIECE_BYTES = Connection.MAX_TRANSFER_BYTES;

    private final SocketConnection connection;
    private final SocketChannel socket;
    private final SendfileLease lease;
    private final FilePathChooser.Plan plan;
    private final BufferPool buffers;
    private final RetiredMappings retired;
    private final SendPages pages = new SendPages();

    /** @param retired where mappings go that have been sent */
    FileSender(
            SocketConnection connection,
            SocketChannel socket,
            SendfileLease lease,
            FilePathChooser chooser,
            RetiredMappings retired) {
        this.connection = connection;
        this.socket = socket;
        this.lease = lease;
        this.plan = chooser.plan();
        this.buffers = connection.loop().group().buffers();
        this.retired = retired;
    }

    /** Sends a range; less than {@code count} only if the file ends before. */
    long send(FileChannel src, long position, long count) throws IOException {
        if (count <= COPIED_BYTES) {
            return copy(src, position, (int) count);
        }
        if (count < CHOSEN_BYTES) {
            return sendfile(src, position, (int) count);
        }
        try (Windows windows = new Windows()) {
            return sendChosen(src, position, count, windows);
        }
    }

    private long sendChosen(FileChannel src, long position, long count, Windows windows) throws IOException {
        long sent = connection.kind().packsWrites() ? copy(src, position, pages.bytesToAlign(position)) : 0;
        while (sent < count) {
            int slice = (int) Math.min(Math.min(count - sent, SLICE_BYTES), plan.left());
            long n = sendSlice(src, position + sent, slice, windows);
            sent += n;
            if (n < slice) {
                break;
            }
        }
        return sent;
    }

    private long sendSlice(FileChannel src, long position, int count, Windows windows) throws IOException {
        long begin = System.nanoTime();
        long n = sendBy(plan.path(), src, position, count, windows);
        plan.sent(n, System.nanoTime() - begin); // what the caller does between two calls says nothing of the path
        return n;
    }

    private long sendBy(FilePath path, FileChannel src, long position, int count, Windows windows) throws IOException {
        return switch (path) {
            case SENDFILE -> sendfile(src, position, count);
            case MAPPED -> sendMapped(src, position, count, windows);
            case COPY -> copy(src, position, count);
        };
    }

    private long sendfile(FileChannel src, long position, int count) throws IOException {
        long sent = 0;
        while (sent < count) {
            int piece = (int) Math.min(count - sent, PIECE_BYTES);
            long n = leasedSendfile(src, position + sent, piece);
            if (n == 0) {
                // The end of the file; or the caller is a virtual thread, whose socket does not block: a copy parks it.
                n = copy(src, position + sent, piece);
            }
            if (n == 0) {
                break;
            }
            sent += n;
        }
        return sent;
    }

    private long leasedSendfile(FileChannel src, long position, int count) throws IOException {
        if (!lease.enter()) {
            throw new AsynchronousCloseException();
        }
        try {
            long n = src.transferTo(position, count, socket);
            if (n > 0) {
                connection.movedOut(n);
            }
            return n;
        } finally {
            lease.leave();
        }
    }

    private long sendMapped(FileChannel src, long position, int count, Windows windows) throws IOException {
        int available = (int) Math.min(count, src.size() - position);
        if (available <= 0) {
            return 0;
        }
        windows.send(src, position, available);
        return available;
    }

    private long copy(FileChannel src, long position, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        PooledBuffer pooled = buffers.acquireUpTo(Math.min(count, COPY_BYTES));
        try {
            int sent = 0;
            while (sent < count) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit(Math.min(Math.min(bytes.capacity(), COPY_BYTES), count - sent));
                int n = src.read(bytes, position + sent);
                if (n < 0) {
                    break;
                }
                writeFully(bytes.flip());
                sent += n;
            }
            return sent;
        } finally {
            pooled.release();
        }
    }

    /** Writes all, a piece at a time, so that a long write shows as progress. */
    void writeFully(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        try {
            while (bytes.position() < end) {
                bytes.limit(bytes.position() + Math.min(end - bytes.position(), PIECE_BYTES));
                int n = socket.write(bytes);
                pages.wrote(n);
                if (n > 0) {
                    connection.movedOut(n);
                }
            }
        } finally {
            bytes.limit(end);
        }
    }

    /** What one transfer maps. Its own: no other may unmap what this one is sending. */
    private final class Windows implements AutoCloseable {
        /** Not yet retired; null if there is nothing. */
        private FileMappings mapped;

        void send(FileChannel src, long position, int count) throws IOException {
            if (mapped == null && count < SLICE_BYTES) { // so little is soon unmapped
                try (FileMappings little = FileMappings.confined()) {
                    writeFully(little.map(src, position, count));
                }
                return;
            }
            if (mapped == null) {
                mapped = FileMappings.shared();
            }
            writeFully(mapped.map(src, position, count));
            if (mapped.bytes() >= RETIRED_BYTES) {
                close();
            }
        }

        /** Retires what was sent; more may follow. */
        @Override
        public void close() {
            if (mapped != null) {
                FileMappings sent = mapped;
                mapped = null;
                retired.retire(sent);
            }
        }
    }
}
