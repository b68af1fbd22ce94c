package dev.sluice.bench.framed;

import dev.sluice.bench.harness.HandOver;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;

/**
 * Loops that block on a connection of Sluice's, without any protocol but this, again and again:
 *
 * <pre>
 *  DOWN   client: count, 8 bytes          server: so many bytes
 *  UP     client: count, so many bytes    server: how many came, 8 bytes
 *  CALL   client: 64 bytes                server: the same
 * </pre>
 */
final class PlainServer implements MeasuredServer {
    private final FramedTest test;
    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final ExecutorService threads = HandlerThreads.create("plain", HandlerThreads.DEFAULT_MAX_THREADS);
    private final Listener listener;

    /** Starts to listen, for one test. */
    PlainServer(FramedTest test, String endpoint) throws TransportException {
        this.test = test;
        try {
            listener = group.listen(
                    Endpoint.parse(endpoint),
                    connection -> new HandOver(stream -> threads.execute(() -> serve(stream))));
        } catch (TransportException | RuntimeException e) {
            group.close();
            threads.shutdown();
            throw e;
        }
    }

    private void serve(ByteStream stream) {
        try (stream) {
            ByteBuffer order =
                    ByteBuffer.allocateDirect(test == FramedTest.CALL ? PlainStreams.ECHO_BYTES : Long.BYTES);
            while (PlainStreams.read(stream, order.clear())) {
                switch (test) {
                    case DOWN -> PlainStreams.send(new Body(order.getLong()), stream);
                    case UP -> PlainStreams.writeCount(stream, PlainStreams.drain(stream, order.getLong()));
                    case CALL -> stream.write(order);
                    case FILE -> throw new IllegalStateException("files have another server");
                }
            }
        } catch (IOException e) {
            stream.abort(); // the client is told so, and fails the measurement
        }
    }

    @Override
    public String endpoint() {
        return listener.endpoint().toString();
    }

    @Override
    public void close() {
        listener.close();
        group.close();
        threads.shutdown();
    }
}
