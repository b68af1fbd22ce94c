package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

/**
 * One thread reads while another ends the output: the reader sees that the engine has something to say, {@code close_notify}, which
 * the other thread is about to say.
 */
class EndOutputWhileReadingTest {
    private static final Identity IDENTITY = Identity.selfSigned();

    private final CountDownLatch ending = new CountDownLatch(1);
    private final CountDownLatch seenByReader = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Thread reader;

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An engine whose reader finds out that output is being ended, and goes on only when it has been. */
    private final class OrderedEngine extends DelegatingEngine {
        private volatile boolean closing;

        OrderedEngine(SSLEngine engine) {
            super(engine);
        }

        @Override
        public void closeOutbound() {
            super.closeOutbound();
            closing = true;
            ending.countDown();
            if (Thread.currentThread() != reader && ended.getCount() > 0) {
                EndOutputWhileReadingTest.await(seenByReader);
            }
        }

        @Override
        public boolean isOutboundDone() {
            boolean done = super.isOutboundDone();
            if (!done && closing && Thread.currentThread() == reader) {
                seenByReader.countDown();
                EndOutputWhileReadingTest.await(ended);
            }
            return done;
        }
    }

    private SSLContext context() throws Exception {
        SSLContext real = SSLContext.getInstance("TLS");
        real.init(null, Trust.of(IDENTITY.certificate()).trustManagers(), null);
        SSLContextSpi spi = new DelegatingContext(real) {
            @Override
            protected SSLEngine engineCreateSSLEngine(String host, int port) {
                return new OrderedEngine(super.engineCreateSSLEngine(host, port));
            }
        };
        return new SSLContext(spi, real.getProvider(), "TLS") {};
    }

    /** Writes a byte once the client begins to end its output, and ends. */
    private final class Answer implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) throws IOException {
            ByteStream stream = connection.blocking();
            new Thread(() -> {
                        EndOutputWhileReadingTest.await(ending);
                        try (stream) {
                            stream.write(ByteBuffer.wrap(new byte[] {42}));
                        } catch (TransportException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .start();
        }

        @Override
        public void onReadable(Connection connection) {}

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }

    @Test
    void shouldReadOnWhenAnotherThreadEndsTheOutputMeanwhile() throws Exception {
        Tls client = Tls.clientBuilder().context(context()).build();
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener =
                        group.listen(Endpoint.tcp("127.0.0.1", 0).with(Tls.server(IDENTITY)), c -> new Answer(), 1)) {
            Connection connection = group.connect(
                            listener.endpoint().with(client), new Paused(), Duration.ofSeconds(10))
                    .toCompletableFuture()
                    .get();
            ByteStream stream = connection.blocking();
            reader = new Thread(() -> {
                try {
                    read.complete(stream.inputStream().readAllBytes());
                } catch (IOException | RuntimeException e) {
                    read.completeExceptionally(e);
                }
            });
            reader.start();
            stream.shutdownOutput();
            ended.countDown();

            assertThat(read.get(20, TimeUnit.SECONDS)).containsExactly(42);
            stream.close();
        }
    }

    /** Leaves the input to the view. */
    private static final class Paused implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) {}

        @Override
        public void onClosed(Connection connection, TransportException cause) {}
    }
}
