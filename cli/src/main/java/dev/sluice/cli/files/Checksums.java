package dev.sluice.cli.files;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.PooledBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * CRC-32C of files, remembered, and computed beside the sending of the file rather than before it.
 *
 * <p>The kernel sends a file without showing it to us, so its checksum costs a reading of its own. On another thread that
 * reading takes no time from the sending where a processor is idle, and brings a file that is not in the page cache there
 * once for both; doing it before would delay the first byte by the whole of it. A file that is sent again has its
 * checksum here already.
 *
 * <p>A remembered checksum is trusted only for a file of the same identity, size and modification time, where that time lay at
 * least two seconds back when the computing began: as with git's index, a younger file could change without showing it. Should
 * somebody change content and set all that back, the receiver finds the difference and rejects the transfer.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Checksums {
    /** About 200 bytes each. */
    static final int MAX_REMEMBERED = 4096;

    private static final int PIECE_BYTES = 256 << 10;

    private final Executor threads;
    private final InstantSource clock;
    private final Map<FileVersion, Integer> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<FileVersion, Integer> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    Checksums(Executor threads, InstantSource clock) {
        this.threads = threads;
        this.clock = clock;
    }

    /** A checksum that may still be being computed. */
    @FunctionalInterface
    interface Pending {
        int await() throws IOException;
    }

    /** Returns the checksum of a file below a root, computing it now if it is not remembered. */
    int of(RootFile file, BufferPool buffers) throws IOException {
        Optional<Integer> known = recall(file.version());
        return known.isPresent() ? known.get() : computeAndRemember(file, buffers);
    }

    /** Begins to compute the checksum of a file below a root, unless it is remembered. */
    Pending begin(RootFile file, BufferPool buffers) {
        Optional<Integer> known = recall(file.version());
        return known.isPresent() ? known::get : begin(() -> computeAndRemember(file, buffers));
    }

    /** Begins to compute the checksum of a file's first {@code size} bytes. */
    Pending begin(FileChannel file, long size, BufferPool buffers) {
        return begin(() -> compute(file, size, buffers));
    }

    private Pending begin(Pending computation) {
        CompletableFuture<Integer> result;
        try {
            result = CompletableFuture.supplyAsync(unchecked(computation), threads);
        } catch (RejectedExecutionException e) {
            return computation; // no thread is free: the one that sends does it when it has sent
        }
        return () -> {
            try {
                return result.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof IOException io ? io : new IOException("cannot compute the checksum", e);
            }
        };
    }

    private static Supplier<Integer> unchecked(Pending computation) {
        return () -> {
            try {
                return computation.await();
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        };
    }

    private int computeAndRemember(RootFile file, BufferPool buffers) throws IOException {
        boolean settled = file.version().isSettled(clock.instant());
        int crc32c = compute(file.channel(), file.version().size(), buffers);
        if (settled && file.versionNow().equals(Optional.of(file.version()))) {
            remember(file.version(), crc32c);
        }
        return crc32c;
    }

    private Optional<Integer> recall(FileVersion version) {
        synchronized (remembered) {
            return Optional.ofNullable(remembered.get(version));
        }
    }

    private void remember(FileVersion version, int crc32c) {
        synchronized (remembered) {
            remembered.put(version, crc32c);
        }
    }

    private static int compute(FileChannel file, long size, BufferPool buffers) throws IOException {
        CRC32C crc = new CRC32C();
        PooledBuffer pooled = buffers.acquire((int) Math.min(Math.max(size, 1), PIECE_BYTES));
        try {
            for (long done = 0; done < size; ) {
                ByteBuffer bytes = pooled.buffer().clear();
                bytes.limit((int) Math.min(bytes.capacity(), size - done));
                int n = file.read(bytes, done);
                if (n < 0) {
                    throw new EOFException("the file became shorter: " + done + " bytes instead of " + size);
                }
                crc.update(bytes.flip());
                done += n;
            }
            return (int) crc.getValue();
        } finally {
            pooled.release();
        }
    }
}
