package dev.sluice.cli.demo;

import dev.sluice.nio.TransportException;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Many echoes at a time, each of its own slice of a file: no call sends before all have been accepted. One thread, and those that
 * it starts.
 */
final class ConcurrentEchoes {
    private static final int CALLS = 100;
    private static final long MAX_SLICE_BYTES = 256 << 10;

    private final StreamRpcClient client;
    private final ExecutorService threads;
    private final long sliceBytes;

    /** @param available size of the file, at least one byte for each call */
    ConcurrentEchoes(StreamRpcClient client, ExecutorService threads, long available) {
        this.client = client;
        this.threads = threads;
        this.sliceBytes = Math.min(MAX_SLICE_BYTES, available / CALLS);
    }

    long totalBytes() {
        return CALLS * sliceBytes;
    }

    void run(FileChannel source, FileChannel target) throws IOException, InterruptedException {
        CountDownLatch open = new CountDownLatch(CALLS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            long position = i * sliceBytes;
            running.add(threads.submit(() -> {
                echo(source, target, position, open);
                return null;
            }));
        }
        try {
            for (Future<?> call : running) {
                call.get();
            }
        } catch (ExecutionException e) {
            throw TransportException.of("one of " + CALLS + " concurrent calls", e.getCause());
        } finally {
            running.forEach(call -> call.cancel(true));
        }
    }

    private void echo(FileChannel source, FileChannel target, long position, CountDownLatch open)
            throws IOException, InterruptedException {
        try (EchoCall call = new EchoCall(client, sliceBytes)) {
            open.countDown();
            open.await();
            call.run(source, target, position, threads);
        }
    }
}
