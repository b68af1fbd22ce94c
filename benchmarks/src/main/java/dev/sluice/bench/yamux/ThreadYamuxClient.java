package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.HandOver;
import dev.sluice.bench.harness.Latencies;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ByteStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Opens streams and works at them on threads that block, as a program in Go does. */
final class ThreadYamuxClient extends SluiceYamuxClient {
    private final ExecutorService threads = HandlerThreads.create("yamux-client", HandlerThreads.DEFAULT_MAX_THREADS);

    /** Connects for each run. */
    ThreadYamuxClient(SluiceStreams.Connector connector) {
        super(connector);
    }

    @Override
    Future<Long> fill(SluiceStreams streams, int writeBytes, long endNanos) {
        return threads.submit(() -> {
            try (ByteStream stream = openStream(streams)) {
                return fill(stream, writeBytes, endNanos);
            }
        });
    }

    private static long fill(ByteStream stream, int writeBytes, long endNanos) throws IOException {
        stream.write(Scenario.SINK.line());
        ByteBuffer payload = ByteBuffer.allocateDirect(writeBytes);
        long count = 0;
        do {
            stream.write(payload.clear());
            count++;
        } while (System.nanoTime() - endNanos < 0);
        stream.shutdownOutput();
        Scenario.requireCount(ByteBuffer.wrap(stream.inputStream().readAllBytes()), count * writeBytes);
        return count;
    }

    @Override
    Future<Long> echo(SluiceStreams streams, long endNanos, Latencies roundTrips) {
        return threads.submit(() -> {
            try (ByteStream stream = openStream(streams)) {
                return echo(stream, endNanos, roundTrips);
            }
        });
    }

    private static long echo(ByteStream stream, long endNanos, Latencies roundTrips) throws IOException {
        stream.write(Scenario.ECHO.line());
        ByteBuffer message = ByteBuffer.allocateDirect(Outcome.ECHO_BYTES);
        long count = 0;
        long now;
        do {
            long sentAt = System.nanoTime();
            stream.write(message.clear());
            message.clear();
            while (message.hasRemaining()) {
                if (stream.read(message) < 0) {
                    throw new EOFException("the server ended the stream");
                }
            }
            now = System.nanoTime();
            roundTrips.record(now - sentAt);
            count++;
        } while (now - endNanos < 0);
        stream.shutdownOutput();
        requireEnd(stream);
        return count;
    }

    @Override
    Future<Long> openAndEnd(SluiceStreams streams, long endNanos) {
        return threads.submit(() -> {
            long count = 0;
            do {
                try (ByteStream stream = openStream(streams)) {
                    stream.shutdownOutput();
                    requireEnd(stream);
                }
                count++;
            } while (System.nanoTime() - endNanos < 0);
            return count;
        });
    }

    private static ByteStream openStream(SluiceStreams streams) throws IOException {
        CompletableFuture<ByteStream> opened = new CompletableFuture<>();
        streams.open(new HandOver(opened::complete)).whenComplete((stream, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(failure);
            }
        });
        return Waiting.await(opened, Waiting.LIMIT);
    }

    private static void requireEnd(ByteStream stream) throws IOException {
        int n = stream.read(ByteBuffer.allocate(1));
        if (n >= 0) {
            throw new IOException("instead of the end: " + n + " bytes");
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
