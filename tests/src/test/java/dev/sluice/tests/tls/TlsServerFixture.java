package dev.sluice.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.mux.ServerStats;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.TransportException;
import dev.sluice.tests.contract.Waiting;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.TlsFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;

/** A server behind TLS on time of the test's own, plain clients, and the check after each test that nothing is left. */
abstract class TlsServerFixture {
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    static final Identity IDENTITY = Identity.selfSigned("localhost", "127.0.0.1");
    /** Ends tests that would hang; none waits for it. */
    private static final int HANG_MILLIS = 20_000;

    private final AtomicLong nanos = new AtomicLong(1);
    final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    final EventLoopGroup group = EventLoopGroup.builder()
            .loops(1)
            .name("tls-test")
            .nanoClock(nanos::get)
            .buffers(buffers)
            .build();
    final EchoProtocol fallback = new EchoProtocol(Optional.empty());
    final EchoProtocol magical = new EchoProtocol(Optional.of(new Magic("echo-echo-1")));
    SluiceServer server;
    Tls tls;

    final void serve(Tls layer, Protocol protocol) throws IOException {
        tls = layer;
        server = SluiceServer.builder()
                .group(group)
                .listen(Endpoint.tcp("127.0.0.1", 0).with(layer))
                .handshakeTimeout(HANDSHAKE_TIMEOUT)
                .protocol(protocol)
                .start();
    }

    final void serve() throws IOException {
        serve(Tls.server(IDENTITY), fallback);
    }

    final void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        group.loops().forEach(loop -> loop.execute(() -> {}));
    }

    // ---------------------------------------------------------------- clients

    final Socket connect() throws IOException {
        Socket socket = new Socket();
        connect(socket);
        return socket;
    }

    final void connect(Socket socket) throws IOException {
        Endpoint address = server.endpoints().get(0);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(HANG_MILLIS);
        socket.connect(new InetSocketAddress(address.host(), address.port()), HANG_MILLIS);
    }

    /** Returns whether the server closes, in whatever way, without a byte that is not of an alert. */
    static boolean isClosedByServer(Socket socket) throws IOException {
        try {
            byte[] all = socket.getInputStream().readAllBytes();
            return all.length == 0 || all[0] == 21;
        } catch (SocketException e) {
            return true;
        }
    }

    static SSLSocket secure(Socket raw, SSLContext context, String version) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), true);
        socket.setEnabledProtocols(new String[] {version});
        return socket;
    }

    static SSLContext trusting(Identity trusted, Optional<Identity> own) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("trusted", trusted.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = own.map(identity -> new KeyManager[] {
                        new StubbornKeys(Identities.of(identity).keyManager())
                    })
                    .orElse(null);
            context.init(keys, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---------------------------------------------------------------- what came of it

    /** One failure of this kind, and none else. */
    final void awaitOneTlsFailure(TlsFailure kind) {
        Waiting.until("a failure", () -> tls.stats().failed() > 0);
        awaitAllClosed();
        assertThat(tlsFailures()).isEqualTo(Map.of(kind, 1L));
    }

    final Map<TlsFailure, Long> tlsFailures() {
        return tls.stats().failures().entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Returns what the server counts beside connections accepted and open, that is not zero. */
    final String serverFailures() {
        ServerStats s = server.stats();
        StringBuilder text = new StringBuilder();
        append(text, "unmatched", s.unmatched());
        append(text, "silent", s.silent());
        append(text, "layerTimeouts", s.layerTimeouts());
        append(text, "layerFailures", s.layerFailures());
        append(text, "detectTimeouts", s.detectTimeouts());
        append(text, "handshakeTimeouts", s.handshakeTimeouts());
        append(text, "handshakeFailures", s.handshakeFailures());
        append(text, "refused", s.refused());
        return text.toString().trim();
    }

    private static void append(StringBuilder text, String name, long count) {
        if (count != 0) {
            text.append(' ').append(name).append('=').append(count);
        }
    }

    final void awaitAllClosed() {
        Waiting.until("all connections closed", () -> server.stats().open() == 0);
    }

    @AfterEach
    void shouldLeaveNothingBehind() {
        if (server != null) {
            Waiting.until("no buffer lent while idle", () -> buffers.outstandingBytes() == 0);
            server.stop(Duration.ZERO);
        }
        group.close();
        assertThat(buffers.outstanding()).as("buffers never released").isEmpty();
        Waiting.until(
                "no thread left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("tls-test")));
    }

    /** Shows its certificate whether or not the server wants one of that issuer. */
    private static final class StubbornKeys extends javax.net.ssl.X509ExtendedKeyManager {
        private final javax.net.ssl.X509ExtendedKeyManager keys;

        StubbornKeys(javax.net.ssl.X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String[] getClientAliases(String type, java.security.Principal[] issuers) {
            return keys.getClientAliases(type, null);
        }

        @Override
        public String chooseClientAlias(String[] types, java.security.Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(types, null, socket);
        }

        @Override
        public String chooseEngineClientAlias(
                String[] types, java.security.Principal[] issuers, javax.net.ssl.SSLEngine engine) {
            return keys.chooseEngineClientAlias(types, null, engine);
        }

        @Override
        public String[] getServerAliases(String type, java.security.Principal[] issuers) {
            return keys.getServerAliases(type, null);
        }

        @Override
        public String chooseServerAlias(String type, java.security.Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, null, socket);
        }

        @Override
        public java.security.cert.X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public java.security.PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    /** Echoes what comes until the client ends, and remembers how connections ended. */
    static final class EchoProtocol implements Protocol {
        private final Optional<Magic> magic;
        private final BlockingQueue<TransportException> closed = new LinkedBlockingQueue<>();

        EchoProtocol(Optional<Magic> magic) {
            this.magic = magic;
        }

        TransportException awaitClosed() throws InterruptedException {
            return closed.poll(HANG_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public String name() {
            return "echo";
        }

        @Override
        public Optional<Magic> magic() {
            return magic;
        }

        @Override
        public ConnectionHandler accept(Connection connection, Handshake handshake) {
            handshake.complete();
            return new Echo(closed);
        }
    }

    private static final class Echo implements ConnectionHandler {
        private final ByteBuffer pending = ByteBuffer.allocate(4096).limit(0);
        private final BlockingQueue<TransportException> closed;
        private boolean ended;

        Echo(BlockingQueue<TransportException> closed) {
            this.closed = closed;
        }

        @Override
        public void onReadable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                return; // onWritable resumes
            }
            int n = connection.read(pending.clear());
            ended = n < 0;
            pending.flip();
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) throws IOException {
            if (pending.hasRemaining()) {
                connection.write(pending);
            }
            if (!pending.hasRemaining()) {
                if (ended) {
                    connection.close();
                } else {
                    connection.resumeReading();
                }
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            closed.add(cause);
        }
    }
}
