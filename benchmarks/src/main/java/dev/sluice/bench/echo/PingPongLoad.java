package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.bench.harness.Latencies;
import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** One blocking connection, one message at a time: the time of each round trip. Every answer is compared to its question. */
public final class PingPongLoad implements Load {
    private final SocketChannel channel;
    private final ByteBuffer question = ByteBuffer.allocateDirect(EchoTest.MESSAGE_BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(EchoTest.MESSAGE_BYTES);
    private final Latencies roundTrips = new Latencies();
    private long sequence;

    /** Connects to a URI. */
    public static PingPongLoad connect(String endpoint) throws IOException {
        return new PingPongLoad(Addresses.parse(endpoint));
    }

    PingPongLoad(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        if (address instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    /** Sends a message and waits until it is back. Allocates nothing. */
    public void roundTrip() throws IOException {
        question.clear();
        question.putLong(0, sequence++);
        channel.write(question); // a blocking channel takes all of it
        question.flip();
        answer.clear();
        while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
        if (question.mismatch(answer.flip()) >= 0) {
            throw new IOException("an answer differs from its question");
        }
    }

    @Override
    public void run(Duration duration) throws IOException {
        roundTrips.reset();
        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        while (begin - end < 0) {
            roundTrip();
            long now = System.nanoTime();
            roundTrips.record(now - begin);
            begin = now;
        }
    }

    /** Returns how many messages came back. */
    long echoes() {
        return roundTrips.count();
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        roundTrips.addTo(results);
        results.put(Metric.SERVER_MICROS_PER_ECHO, serverSeconds * 1e6 / Math.max(1, echoes()));
        return results;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
