package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Calls that are answered with a stream of messages, one after the other: each lasts long enough to make the gap between two small. */
final class StreamLoad implements Load {
    private static final double GIBIBYTE = 1 << 30;
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final GrpcClient client;
    /** Used on the client's loop, as all that follows; by others when no call is under way. */
    private CompletableFuture<Void> done = new CompletableFuture<>();

    private long beginNanos;
    private long endNanos;
    private long bytes;

    /** Takes over the client. */
    StreamLoad(GrpcClient client) {
        this.client = client;
    }

    @Override
    public void run(Duration duration) throws IOException {
        client.run(whenDone -> begin(duration, whenDone), duration.plus(GRACE));
    }

    private void begin(Duration duration, CompletableFuture<Void> whenDone) {
        done = whenDone;
        bytes = 0;
        beginNanos = System.nanoTime();
        endNanos = beginNanos + duration.toNanos();
        new Answers().call();
    }

    /** Returns how many bytes of payload came in the last run. */
    long bytes() {
        return bytes;
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        double gibibytes = bytes / GIBIBYTE;
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        results.put(Metric.GIBIBYTES_PER_SECOND, gibibytes * 1e9 / (endNanos - beginNanos));
        results.put(Metric.SERVER_SECONDS_PER_GIBIBYTE, serverSeconds / gibibytes);
        return results;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    /** Makes one call after the other. */
    private final class Answers extends ClientCall.Listener<byte[]> {
        private int messages;

        void call() {
            messages = 0;
            ClientCall<byte[], byte[]> call =
                    client.channels().get(0).newCall(PayloadService.STREAM, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(Integer.MAX_VALUE);
            call.sendMessage(new byte[0]);
            call.halfClose();
        }

        @Override
        public void onMessage(byte[] message) {
            messages++;
            bytes += message.length;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            long now = System.nanoTime();
            if (!status.isOk()) {
                done.completeExceptionally(status.asException());
            } else if (messages < PayloadService.STREAMED_MESSAGES) {
                done.completeExceptionally(new IOException("a stream ended after " + messages + " messages"));
            } else if (now - endNanos < 0) {
                call();
            } else {
                endNanos = now;
                done.complete(null);
            }
        }
    }
}
