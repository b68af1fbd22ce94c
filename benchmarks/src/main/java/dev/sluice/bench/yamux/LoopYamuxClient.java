package dev.sluice.bench.yamux;

import dev.sluice.bench.harness.Latencies;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Opens streams and works at them on the loop. */
final class LoopYamuxClient extends SluiceYamuxClient {
    /** Connects for each run. */
    LoopYamuxClient(SluiceStreams.Connector connector) {
        super(connector);
    }

    @Override
    Future<Long> fill(SluiceStreams streams, int writeBytes, long endNanos) {
        return start(streams, new Fill(writeBytes, endNanos));
    }

    @Override
    Future<Long> echo(SluiceStreams streams, long endNanos, Latencies roundTrips) {
        return start(streams, new PingPong(endNanos, roundTrips));
    }

    @Override
    Future<Long> openAndEnd(SluiceStreams streams, long endNanos) {
        return start(streams, new OpenAndEnd(streams, endNanos));
    }

    private static Future<Long> start(SluiceStreams streams, Work work) {
        openFor(streams, work);
        return work.done;
    }

    private static void openFor(SluiceStreams streams, Work work) {
        streams.open(work).whenComplete((stream, failure) -> {
            if (failure != null) {
                work.done.completeExceptionally(failure);
            }
        });
    }

    /** What is done on a stream, until the time is over. */
    private abstract static class Work implements ConnectionHandler {
        final CompletableFuture<Long> done = new CompletableFuture<>();
        final long endNanos;
        long count;

        Work(long endNanos) {
            this.endNanos = endNanos;
        }

        final boolean isOver() {
            return System.nanoTime() - endNanos >= 0;
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            done.completeExceptionally(cause); // unless all was done before
        }
    }

    private static final class Fill extends Work {
        private static final int ANSWER_BYTES = 64;

        private final ByteBuffer payload;
        private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES);

        Fill(int writeBytes, long endNanos) {
            super(endNanos);
            payload = ByteBuffer.allocateDirect(writeBytes);
        }

        @Override
        public void onAttached(Connection connection) throws TransportException {
            connection.write(Scenario.SINK.line()); // nothing was written before: there is room
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) throws TransportException {
            for (connection.write(payload); !payload.hasRemaining(); connection.write(payload)) {
                count++;
                if (isOver()) {
                    connection.shutdownOutput();
                    return;
                }
                payload.clear();
            }
        }

        @Override
        public void onReadable(Connection connection) throws TransportException {
            if (connection.read(answer) < 0) {
                Scenario.requireCount(answer.flip(), count * payload.capacity());
                done.complete(count);
                connection.close();
            }
        }
    }

    private static final class PingPong extends Work {
        private final Latencies roundTrips;
        private final ByteBuffer question = ByteBuffer.allocateDirect(Outcome.ECHO_BYTES);
        private final ByteBuffer answer = ByteBuffer.allocateDirect(Outcome.ECHO_BYTES);
        private boolean ended;
        private long sentAt;

        PingPong(long endNanos, Latencies roundTrips) {
            super(endNanos);
            this.roundTrips = roundTrips;
        }

        @Override
        public void onAttached(Connection connection) throws TransportException {
            connection.write(Scenario.ECHO.line());
            ask(connection);
        }

        private void ask(Connection connection) throws TransportException {
            answer.clear();
            sentAt = System.nanoTime();
            connection.write(question.clear()); // nothing else is under way: there is room
        }

        @Override
        public void onReadable(Connection connection) throws TransportException {
            if (ended) {
                requireEnd(connection);
                done.complete(count);
                connection.close();
                return;
            }
            if (connection.read(answer) < 0) {
                throw new IllegalStateException("the server ended the stream");
            }
            if (answer.hasRemaining()) {
                return;
            }
            roundTrips.record(System.nanoTime() - sentAt);
            count++;
            if (isOver()) {
                ended = true;
                connection.shutdownOutput();
            } else {
                ask(connection);
            }
        }
    }

    private static final class OpenAndEnd extends Work {
        private final SluiceStreams streams;

        OpenAndEnd(SluiceStreams streams, long endNanos) {
            super(endNanos);
            this.streams = streams;
        }

        @Override
        public void onAttached(Connection connection) throws TransportException {
            connection.shutdownOutput();
        }

        @Override
        public void onReadable(Connection connection) throws TransportException {
            requireEnd(connection);
            count++;
            connection.close();
        }

        /** The end of this stream is the beginning of the next. */
        @Override
        public void onClosed(Connection connection, TransportException cause) {
            if (cause.reason() != Reason.CLOSED) {
                done.completeExceptionally(cause);
            } else if (isOver()) {
                done.complete(count);
            } else {
                openFor(streams, this);
            }
        }
    }

    private static void requireEnd(Connection connection) throws TransportException {
        int n = connection.read(ByteBuffer.allocate(1));
        if (n >= 0) {
            throw new IllegalStateException("instead of the end: " + n + " bytes");
        }
    }
}
