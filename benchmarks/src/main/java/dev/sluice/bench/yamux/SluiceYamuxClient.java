package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Latencies;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sluice's side that opens streams, on one loop. */
abstract class SluiceYamuxClient implements YamuxClient {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    /** For what is under way when a run's time is over. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final Yamux session;

    /** Connects. */
    SluiceYamuxClient(String endpoint, Window window) throws IOException {
        YamuxConfig config = window.config(true);
        CompletableFuture<Yamux> begun = new CompletableFuture<>();
        ConnectionHandler start = new SessionStart(below -> begun.complete(Yamux.client(below, config, stream -> {
            throw new IllegalStateException(stream + ": only the client opens streams");
        })));
        try {
            await(group.connect(Endpoint.parse(endpoint), start, CONNECT_LIMIT).toCompletableFuture(), CONNECT_LIMIT);
            session = begun.join(); // the handler is attached before the connection is there
        } catch (IOException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    @Override
    public final Outcome run(YamuxTest test, Duration duration) throws IOException {
        Latencies roundTrips = new Latencies();
        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        for (int stream = 0; stream < test.streams(); stream++) {
            counts.add(
                    switch (test) {
                        case BULK, BULK_8, SMALL, BESIDE -> fill(test.writeBytes(), end);
                        case ECHO -> echo(end, roundTrips);
                        case OPEN_CLOSE -> openAndEnd(end);
                    });
        }
        List<Future<Long>> beside = test == YamuxTest.BESIDE ? List.of(echo(end, roundTrips)) : List.of();
        Duration limit = duration.plus(GRACE);
        long count = sum(counts, limit);
        long nanos = System.nanoTime() - begin;
        sum(beside, limit);
        return new Outcome(count, count * test.writeBytes(), nanos, roundTrips);
    }

    private static long sum(List<Future<Long>> counts, Duration limit) throws IOException {
        long sum = 0;
        for (Future<Long> count : counts) {
            sum += await(count, limit);
        }
        return sum;
    }

    /**
     * Writes to a stream until the time is over and the peer has said that it has all.
     *
     * @param endNanos when the time is over
     * @return will be how many writes that were
     */
    abstract Future<Long> fill(int writeBytes, long endNanos);

    /** Sends the next message when the last one has come back, until the time is over; counts them. */
    abstract Future<Long> echo(long endNanos, Latencies roundTrips);

    /** Opens a stream and ends it, and the next one when the peer has ended it, too; counts them. */
    abstract Future<Long> openAndEnd(long endNanos);

    final CompletionStage<Connection> open(ConnectionHandler handler) {
        return session.openStream(handler);
    }

    static <T> T await(Future<T> future, Duration limit) throws IOException {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the session failed", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("not done within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the session was at work");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            session.close();
            await(session.ended().toCompletableFuture(), GRACE);
        } finally {
            group.close();
        }
    }
}
