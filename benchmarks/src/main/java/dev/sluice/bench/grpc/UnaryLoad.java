package dev.sluice.bench.grpc;

import dev.sluice.bench.harness.Latencies;
import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Unary calls, so many at a time, dealt out to the connections in turn; each is followed by the next when it has ended. Every answer is
 * compared to its question.
 */
final class UnaryLoad implements Load {
    private static final int QUESTION_BYTES = 64;
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final GrpcClient client;
    private final byte[] question = new byte[QUESTION_BYTES];
    private final List<Caller> callers = new ArrayList<>();
    /** Used on the client's loop, as all that follows; by others when no call is under way. */
    private final Latencies latencies = new Latencies();

    private CompletableFuture<Void> done = new CompletableFuture<>();
    private int calling;
    private long beginNanos;
    private long endNanos;

    /** Takes over the client. */
    UnaryLoad(GrpcClient client, int callsAtATime) {
        this.client = client;
        new Random(1).nextBytes(question);
        List<ManagedChannel> channels = client.channels();
        for (int i = 0; i < callsAtATime; i++) {
            callers.add(new Caller(channels.get(i % channels.size())));
        }
    }

    @Override
    public void run(Duration duration) throws IOException {
        client.run(whenDone -> begin(duration, whenDone), duration.plus(GRACE));
    }

    private void begin(Duration duration, CompletableFuture<Void> whenDone) {
        done = whenDone;
        latencies.reset();
        calling = callers.size();
        beginNanos = System.nanoTime();
        endNanos = beginNanos + duration.toNanos();
        callers.forEach(Caller::call);
    }

    /** Returns how many calls ended in the last run. */
    long calls() {
        return latencies.count();
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        if (callers.size() == 1) {
            latencies.addTo(results);
        } else {
            results.put(Metric.CALLS_PER_SECOND, calls() * 1e9 / (endNanos - beginNanos));
        }
        results.put(Metric.SERVER_SECONDS_PER_100K_CALLS, serverSeconds * 1e5 / calls());
        return results;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    /** Makes one call after the other. */
    private final class Caller extends ClientCall.Listener<byte[]> {
        private final Channel channel;
        private long callNanos;
        private boolean answered;

        Caller(Channel channel) {
            this.channel = channel;
        }

        void call() {
            answered = false;
            callNanos = System.nanoTime();
            ClientCall<byte[], byte[]> call = channel.newCall(PayloadService.UNARY, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(2); // one is expected: a second one would be an error
            call.sendMessage(question);
            call.halfClose();
        }

        @Override
        public void onMessage(byte[] answer) {
            answered = Arrays.equals(answer, question);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            long now = System.nanoTime();
            if (!status.isOk()) {
                done.completeExceptionally(status.asException());
                return;
            }
            if (!answered) {
                done.completeExceptionally(new IOException("an answer differs from its question"));
                return;
            }
            latencies.record(now - callNanos);
            if (now - endNanos < 0) {
                call();
            } else if (--calling == 0) {
                endNanos = now;
                done.complete(null);
            }
        }
    }
}
