package dev.sluice.bench.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * Two engines that talk to each other in memory with nothing in between: the speed that no TLS transport over them can exceed.
 * Ciphertext on the heap and plaintext in direct memory, which was measured as the fastest for the JDK's.
 */
public final class BareEngines {
    private static final int NET_BYTES = 64 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer = ByteBuffer.allocate(NET_BYTES);
    private final ByteBuffer toClient = ByteBuffer.allocate(NET_BYTES);
    private final ByteBuffer scratch = ByteBuffer.allocate(NET_BYTES);

    /** Makes the engines and has them shake hands. */
    public BareEngines(SSLContext clients, SSLContext servers, String cipherSuite) throws SSLException {
        client = clients.createSSLEngine("localhost", 1);
        server = servers.createSSLEngine();
        client.setUseClientMode(true);
        server.setUseClientMode(false);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setCipherSuites(new String[] {cipherSuite});
        client.setSSLParameters(parameters);
        handshake();
    }

    /** Shakes hands once, to the end. */
    private void handshake() throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        boolean any = true;
        while (any) {
            any = advance(client, toClient, toServer);
            any |= advance(server, toServer, toClient);
        }
    }

    private boolean advance(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            engine.getDelegatedTask().run();
            return true;
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            engine.wrap(NOTHING, out);
            return true;
        }
        in.flip();
        boolean any = in.hasRemaining();
        if (any) {
            engine.unwrap(in, scratch.clear());
        }
        in.compact();
        return any;
    }

    /** Encrypts all of {@code src} and decrypts it into {@code dst}, record by record. */
    public void transfer(ByteBuffer src, ByteBuffer dst) throws SSLException {
        while (src.hasRemaining()) {
            client.wrap(src, toServer.clear());
            toServer.flip();
            while (toServer.hasRemaining()) {
                server.unwrap(toServer, dst);
            }
        }
        toServer.clear();
    }
}
