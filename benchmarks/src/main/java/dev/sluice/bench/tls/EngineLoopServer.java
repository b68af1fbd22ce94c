package dev.sluice.bench.tls;

import dev.sluice.tls.Identities;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Trust;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLParameters;

/**
 * What one would write by hand: an engine over a blocking socket, one connection after the other. Ciphertext on the heap, plaintext
 * in direct memory, 64 KiB of records in each system call.
 */
final class EngineLoopServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EngineLoopServer.class.getName());
    private static final int NET_BYTES = 68 << 10;
    private static final int PLAIN_BYTES = 256 << 10;

    private final Path file;
    private final SSLContext context;
    private final ServerSocketChannel listener;
    private final ByteBuffer in = ByteBuffer.allocate(NET_BYTES);
    private final ByteBuffer out = ByteBuffer.allocate(NET_BYTES);
    private final ByteBuffer plain = ByteBuffer.allocateDirect(PLAIN_BYTES);

    EngineLoopServer(int port, Path file, Path certificate, Path key, String provider) throws IOException {
        this.file = file;
        this.context = newContext(Identity.pem(certificate, key), provider);
        this.listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        Thread server = new Thread(this::serve, "engine-loop");
        server.setDaemon(true);
        server.start();
    }

    private static SSLContext newContext(Identity identity, String provider) {
        try {
            if (provider.equals("BCJSSE") && Security.getProvider(provider) == null) {
                Security.addProvider(new org.bouncycastle.jsse.provider.BouncyCastleJsseProvider());
            }
            Provider named = Security.getProvider(provider);
            SSLContext created = SSLContext.getInstance("TLS", named);
            created.init(
                    new KeyManager[] {Identities.of(identity).keyManager()},
                    Trust.system().trustManagers(named),
                    new SecureRandom());
            return created;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot set up TLS", e);
        }
    }

    private void serve() {
        while (listener.isOpen()) {
            try (SocketChannel socket = listener.accept()) {
                socket.socket().setTcpNoDelay(true);
                serve(socket);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the client is gone; the next one", e);
            }
        }
    }

    private void serve(SocketChannel socket) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
        engine.setSSLParameters(parameters);
        in.clear().flip();
        engine.beginHandshake();
        if (!readRequest(engine, socket)) {
            return;
        }
        try (FileChannel source = FileChannel.open(file)) {
            while (source.read(plain.clear()) > 0) {
                plain.flip();
                write(engine, socket);
            }
        }
        engine.closeOutbound();
        plain.clear().flip();
        write(engine, socket);
    }

    /** Shakes hands, and reads until there is any plaintext. Returns whether there was. */
    private boolean readRequest(SSLEngine engine, SocketChannel socket) throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                plain.clear().flip();
                write(engine, socket);
            } else {
                SSLEngineResult result = engine.unwrap(in, plain.clear());
                if (result.bytesProduced() > 0) {
                    return true;
                }
                if (result.getStatus() == Status.CLOSED) {
                    return false;
                }
                if (result.getStatus() == Status.BUFFER_UNDERFLOW && !fill(socket)) {
                    return false;
                }
            }
        }
    }

    private boolean fill(SocketChannel socket) throws IOException {
        in.compact();
        int n = socket.read(in);
        in.flip();
        return n >= 0;
    }

    private void write(SSLEngine engine, SocketChannel socket) throws IOException {
        do {
            out.clear();
            boolean more = true;
            while (more && out.remaining() > engine.getSession().getPacketBufferSize()) {
                engine.wrap(plain, out);
                more = plain.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
            }
            out.flip();
            while (out.hasRemaining()) {
                socket.write(out);
            }
        } while (plain.hasRemaining());
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
