package dev.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engines that fail after the handshake: what the caller and the peer learn. */
class BrokenRecordTest {
    private static final Identity IDENTITY = Identity.selfSigned();

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final CompletableFuture<TransportException> serverCause = new CompletableFuture<>();
    private volatile boolean spoil;
    private volatile boolean spoilHead;
    private volatile boolean fail;

    @AfterEach
    void stop() {
        group.close();
    }

    /** Spoils a bit of what it wraps, or fails to wrap. */
    private final class SpoilingEngine extends DelegatingEngine {
        SpoilingEngine(SSLEngine engine) {
            super(engine);
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException {
            if (fail) {
                fail = false;
                throw new SSLException("cannot encrypt");
            }
            int head = dst.position();
            SSLEngineResult result = super.wrap(srcs, offset, length, dst);
            if (spoilHead && result.bytesProduced() > 0) {
                spoilHead = false;
                dst.put(head, (byte) 99);
            }
            if (spoil && result.bytesProduced() > 0) {
                spoil = false;
                int last = dst.position() - 1;
                dst.put(last, (byte) (dst.get(last) ^ 1));
            }
            return result;
        }
    }

    private Tls client() throws Exception {
        SSLContext real = SSLContext.getInstance("TLS");
        real.init(null, Trust.of(IDENTITY.certificate()).trustManagers(), null);
        SSLContextSpi spi = new DelegatingContext(real) {
            @Override
            protected SSLEngine engineCreateSSLEngine(String host, int port) {
                return new SpoilingEngine(super.engineCreateSSLEngine(host, port));
            }
        };
        return Tls.clientBuilder()
                .context(new SSLContext(spi, real.getProvider(), "TLS") {})
                .serverName("localhost")
                .build();
    }

    /** Leaves the input alone and tells why it was closed. */
    private static class Paused implements ConnectionHandler {
        private final CompletableFuture<TransportException> cause;

        Paused(CompletableFuture<TransportException> cause) {
            this.cause = cause;
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) throws IOException {}

        @Override
        public void onClosed(Connection connection, TransportException why) {
            cause.complete(why);
        }
    }

    /** Reads in a thread by a view, to whatever end. */
    private final class ReadingInThread extends Paused {
        ReadingInThread() {
            super(new CompletableFuture<>());
        }

        @Override
        public void onAttached(Connection connection) throws IOException {
            ByteStream stream = connection.blocking();
            Thread reader = new Thread(() -> {
                try { // and not close it, which would say the alert, too
                    while (stream.read(ByteBuffer.allocate(100)) >= 0) {
                        // until it fails
                    }
                } catch (TransportException e) {
                    serverCause.complete(e);
                }
            });
            reader.setDaemon(true);
            reader.start();
        }
    }

    private Connection connect(String below, ConnectionHandler accepted, ConnectionHandler connected) throws Exception {
        try (Listener listener = group.listen(Endpoint.parse(below).with(Tls.server(IDENTITY)), c -> accepted, 1)) {
            return group.connect(listener.endpoint().below().with(client()), connected, Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldTellThePeerByAnAlertWhenAThreadReadsABrokenRecord() throws Exception {
        Connection connection =
                connect("tcp://127.0.0.1:0", new ReadingInThread(), new Paused(new CompletableFuture<>()));
        ByteStream stream = connection.blocking();
        spoil = true;
        stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                .withMessageContaining("alert")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_ERROR));
        assertThat(serverCause.get(20, TimeUnit.SECONDS).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void shouldCutTheConnectionWhenTheLoopReadsWhatIsNotTls() throws Exception {
        ConnectionHandler reading = new Paused(serverCause) {
            @Override
            public void onAttached(Connection connection) {}

            @Override
            public void onReadable(Connection connection) throws IOException {
                connection.read(ByteBuffer.allocate(100));
            }
        };
        Connection connection = connect("tcp://127.0.0.1:0", reading, new Paused(new CompletableFuture<>()));
        ByteStream stream = connection.blocking();
        spoilHead = true;
        stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

        assertThatExceptionOfType(TransportException.class)
                .as("not an orderly end")
                .isThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.RESET));
        assertThat(serverCause.get(20, TimeUnit.SECONDS).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void shouldClassifyAFailureToEncryptAsOneOfTls() throws Exception {
        CompletableFuture<TransportException> clientCause = new CompletableFuture<>();
        Connection connection = connect("memory:broken-record", new Paused(serverCause), new Paused(clientCause));
        connection.loop().execute(() -> {
            fail = true;
            try {
                connection.write(ByteBuffer.allocate(8 << 10));
            } catch (TransportException e) {
                // the connection tells it as well
            }
        });

        assertThat(clientCause.get(20, TimeUnit.SECONDS).reason()).isEqualTo(Reason.PROTOCOL_ERROR);
    }
}
