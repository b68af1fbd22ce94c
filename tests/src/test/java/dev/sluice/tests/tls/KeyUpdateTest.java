package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Payload;
import dev.sluice.tests.contract.Recorder;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import dev.sluice.tls.internal.TlsConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer that asks for new keys (RFC 8446, 4.6.3) and does not read before all that it writes is read. */
class KeyUpdateTest {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");
    private static final int PIECE_BYTES = 64 << 10;
    private static final long FAR_TOO_MUCH_BYTES = 1L << 40;
    private static final int UPDATES = 3;
    private static final int SMALL_BYTES = 10_000;
    private static final int BYTES_BETWEEN = 200_000;

    /** A pipe in memory has no room but that which it shows, unlike a socket. */
    @Test
    void shouldReadOnLoopWhileAnswerHasNoRoom() throws Exception {
        Recorder recorder = new Recorder();
        CompletableFuture<CompletableFuture<Void>> sending = new CompletableFuture<>();
        recorder.onAttached(c -> sending.complete(recorder.send(c, new Payload(1, FAR_TOO_MUCH_BYTES), PIECE_BYTES)));
        Recorder peer = new Recorder().onReadable(c -> {});
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = listen(group, Endpoint.memory("key-update"), recorder)) {
            Endpoint endpoint = listener.endpoint().below().with(client());
            Connection connection = Waiting.result(group.connect(endpoint, peer, Duration.ofSeconds(10)));
            Waiting.until("there is no room", () -> recorder.shortages() > 0);

            for (int i = 1; i <= UPDATES; i++) {
                connection.loop().execute(() -> askForNewKeysAndWrite(connection));
                recorder.awaitReceived((long) i * SMALL_BYTES);
            }
            assertThat(recorder.isClosed()).isFalse();
            assertThat(sending.join()).isNotDone();
        }
    }

    /** Once shaken hands in TLS 1.3, the JDK takes a handshake for a request for new keys. */
    private static void askForNewKeysAndWrite(Connection connection) {
        try {
            ((TlsConnection) connection).engine().beginHandshake();
            connection.write(ByteBuffer.allocate(SMALL_BYTES));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Tls client() {
        return Tls.clientBuilder()
                .trust(Trust.of(IDENTITY.certificate()))
                .serverName("localhost")
                .provider("SunJSSE")
                .build();
    }

    @ParameterizedTest(name = "{0} bytes at a time")
    @ValueSource(ints = {PIECE_BYTES, 1})
    void shouldReadInThreadWhileAnotherIsStuckWriting(int readBytes) throws Exception {
        CompletableFuture<ByteStream> accepted = new CompletableFuture<>();
        Recorder recorder = new Recorder().onAttached(c -> accepted.complete(c.blocking()));
        try (EventLoopGroup group = EventLoopGroup.of(1);
                Listener listener = listen(group, Endpoint.tcp("127.0.0.1", 0), recorder);
                SSLSocket peer = connect(listener)) {
            ByteStream stream = Waiting.result(accepted);
            AtomicLong written = new AtomicLong();
            start(() -> writeUntilClosed(stream, written));
            awaitStall(written::get);
            AtomicLong received = new AtomicLong();
            start(() -> readUntilClosed(stream, readBytes, received));

            writeWithNewKeys(peer);

            Waiting.until("all is read", () -> received.get() == (long) UPDATES * BYTES_BETWEEN);
            stream.abort();
        }
    }

    private static Listener listen(EventLoopGroup group, Endpoint below, ConnectionHandler handler)
            throws TransportException {
        Tls server =
                Tls.serverBuilder(Identities.of(IDENTITY)).provider("SunJSSE").build();
        return group.listen(below.with(server), (Connection c) -> handler);
    }

    private static SSLSocket connect(Listener listener) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3", "SunJSSE");
        context.init(null, (TrustManager[]) Trust.of(IDENTITY.certificate()).trustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket("127.0.0.1", listener.endpoint().port());
        socket.startHandshake();
        return socket;
    }

    private static void writeWithNewKeys(SSLSocket peer) {
        start(() -> {
            for (int i = 0; i < UPDATES; i++) {
                peer.startHandshake();
                peer.getOutputStream().write(new byte[BYTES_BETWEEN]);
            }
        });
    }

    private interface Body {
        void run() throws IOException;
    }

    private static void start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (IOException e) {
                // The end of the test closed it.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void writeUntilClosed(ByteStream stream, AtomicLong written) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        while (true) {
            written.addAndGet(stream.write(piece.clear()));
        }
    }

    private static void readUntilClosed(ByteStream stream, int readBytes, AtomicLong received) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(readBytes);
        for (int n = stream.read(piece); n >= 0; n = stream.read(piece.clear())) {
            received.addAndGet(n);
        }
    }

    private interface Count {
        long now() throws Exception;
    }

    /** Returns once nothing has moved for many looks in a row: the peer does not read, so all buffers are full. */
    private static void awaitStall(Count count) {
        long[] last = {0, 0};
        Waiting.until("the peer's buffers are full", () -> {
            long now = count.now();
            last[1] = now > 0 && now == last[0] ? last[1] + 1 : 0;
            last[0] = now;
            return last[1] > 200;
        });
    }
}
