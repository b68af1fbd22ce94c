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
    /** Takes over what opens the streams. */
    LoopYamuxClient(SluiceStreams streams) {
        super(streams);
    }

    @Override
    Future<Long> fill(int writeBytes, long endNanos) {
        return start(new Fill(writeBytes, endNanos));
    }

    @Override
    Future<Long> echo(long endNanos, Latencies roundTrips) {
        return start(new PingPong(endNanos, roundTrips));
    }

    @Override
    Future<Long> openAndEnd(long endNanos) {
        return start(new OpenAndEnd(endNanos));
    }

    private Future<Long> start(Work work) {
        openFor(work);
        return work.done;
    }

    private void openFor(Work work) {
        open(work).whenComplete((stream, failure) -> {
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

    private final class OpenAndEnd extends Work {
        OpenAndEnd(long endNanos) {
            super(endNanos);
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
                openFor(this);
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
