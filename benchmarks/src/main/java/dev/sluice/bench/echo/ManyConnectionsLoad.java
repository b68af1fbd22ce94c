package dev.sluice.bench.echo;

import dev.sluice.bench.harness.Load;
import dev.sluice.bench.harness.Metric;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Many connections on one selector; each sends its next batch of messages once the last has come back whole. */
final class ManyConnectionsLoad implements Load {
    private final Selector selector = Selector.open();
    private final int depth;
    private final int batchBytes;
    private final ByteBuffer questions;
    private final ByteBuffer answers;
    private long echoes;
    private long elapsedNanos;

    ManyConnectionsLoad(SocketAddress address, int connections, int depth) throws IOException {
        this.depth = depth;
        batchBytes = depth * EchoTest.MESSAGE_BYTES;
        questions = ByteBuffer.allocateDirect(batchBytes);
        answers = ByteBuffer.allocateDirect(batchBytes);
        for (int i = 0; i < connections; i++) {
            connect(address);
        }
    }

    private void connect(SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        if (address instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Batch(channel));
    }

    @Override
    public void run(Duration duration) throws IOException {
        echoes = 0;
        for (SelectionKey key : selector.keys()) {
            ((Batch) key.attachment()).beginIfIdle();
        }
        long begin = System.nanoTime();
        do {
            selector.select(key -> ((Batch) key.attachment()).onReadable());
            elapsedNanos = System.nanoTime() - begin;
        } while (elapsedNanos < duration.toNanos());
    }

    /** Returns how many messages came back. */
    long echoes() {
        return echoes;
    }

    @Override
    public Map<Metric, Double> results(double serverSeconds) {
        Map<Metric, Double> results = new EnumMap<>(Metric.class);
        results.put(Metric.ECHOES_PER_SECOND, echoes * 1e9 / elapsedNanos);
        results.put(Metric.SERVER_MICROS_PER_ECHO, serverSeconds * 1e6 / Math.max(1, echoes));
        return results;
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    /** What one connection waits for. */
    private final class Batch {
        private final SocketChannel channel;
        private int missing;

        Batch(SocketChannel channel) {
            this.channel = channel;
        }

        void beginIfIdle() throws IOException {
            if (missing == 0) {
                send();
            }
        }

        void onReadable() {
            try {
                answers.clear().limit(missing);
                int n = channel.read(answers);
                if (n < 0) {
                    throw new EOFException("the server closed the connection");
                }
                missing -= n;
                if (missing == 0) {
                    echoes += depth;
                    send();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void send() throws IOException {
            questions.clear();
            channel.write(questions);
            if (questions.hasRemaining()) {
                throw new IOException("a batch of " + batchBytes + " bytes must fit a socket's buffer");
            }
            missing = batchBytes;
        }
    }
}
