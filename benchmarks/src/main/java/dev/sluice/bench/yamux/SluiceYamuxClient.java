package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Latencies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** Sluice's side that opens streams. */
abstract class SluiceYamuxClient implements YamuxClient {
    /** For what is under way when a run's time is over. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final SluiceStreams.Connector connector;

    /** Connects for each run. */
    SluiceYamuxClient(SluiceStreams.Connector connector) {
        this.connector = connector;
    }

    @Override
    public final Outcome run(YamuxTest test, Duration duration) throws IOException {
        try (SluiceStreams streams = connector.connect()) {
            return run(streams, test, duration);
        }
    }

    private Outcome run(SluiceStreams streams, YamuxTest test, Duration duration) throws IOException {
        Latencies roundTrips = new Latencies();
        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        for (int stream = 0; stream < test.streams(); stream++) {
            counts.add(
                    switch (test) {
                        case BULK, BULK_8, SMALL, BESIDE -> fill(streams, test.writeBytes(), end);
                        case ECHO -> echo(streams, end, roundTrips);
                        case OPEN_CLOSE -> openAndEnd(streams, end);
                    });
        }
        List<Future<Long>> beside = test == YamuxTest.BESIDE ? List.of(echo(streams, end, roundTrips)) : List.of();
        Duration limit = duration.plus(GRACE);
        long count = sum(counts, limit);
        long nanos = System.nanoTime() - begin;
        sum(beside, limit);
        return new Outcome(count, count * test.writeBytes(), nanos, roundTrips);
    }

    private static long sum(List<Future<Long>> counts, Duration limit) throws IOException {
        long sum = 0;
        for (Future<Long> count : counts) {
            sum += Waiting.await(count, limit);
        }
        return sum;
    }

    /**
     * Writes to a stream until the time is over and the peer has said that it has all.
     *
     * @param endNanos when the time is over
     * @return will be how many writes that were
     */
    abstract Future<Long> fill(SluiceStreams streams, int writeBytes, long endNanos);

    /** Sends the next message when the last one has come back, until the time is over; counts them. */
    abstract Future<Long> echo(SluiceStreams streams, long endNanos, Latencies roundTrips);

    /** Opens a stream and ends it, and the next one when the peer has ended it, too; counts them. */
    abstract Future<Long> openAndEnd(SluiceStreams streams, long endNanos);

    @Override
    public void close() {
        // Each run has ended its connection.
    }
}
