package dev.sluice.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines whose bytes go from one to the other, in memory and on one thread. */
final class EnginePair {
    private static final int ROUNDS = 100;

    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer;
    private final ByteBuffer toClient;

    EnginePair(SSLEngine client, SSLEngine server) {
        this.client = client;
        this.server = server;
        toServer = packets(client);
        toClient = packets(server);
    }

    private static ByteBuffer packets(SSLEngine engine) {
        return ByteBuffer.allocate(8 * engine.getSession().getPacketBufferSize());
    }

    /** Runs the handshake to its end. In TLS 1.3, what the client got wrong shows on its side alone, so both are run on for a while. */
    EnginePair handshake() throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        boolean moved = true;
        for (int round = 0; moved && round < ROUNDS; round++) {
            boolean clientMoved = turn(client, toServer, toClient);
            boolean serverMoved = turn(server, toClient, toServer);
            moved = clientMoved || serverMoved;
        }
        for (SSLEngine engine : new SSLEngine[] {client, server}) {
            if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                throw new SSLException("the handshake stopped: " + engine.getHandshakeStatus());
            }
        }
        return this;
    }

    private static boolean turn(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws SSLException {
        boolean moved = false;
        for (int step = 0; step < ROUNDS; step++) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP) {
                engine.wrap(ByteBuffer.allocate(0), out);
            } else if (in.position() > 0 && unwrap(engine, in)) {
                moved = true;
                continue;
            } else {
                return moved;
            }
            moved = true;
        }
        return moved;
    }

    private static boolean unwrap(SSLEngine engine, ByteBuffer in) throws SSLException {
        in.flip();
        ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        SSLEngineResult result = engine.unwrap(in, plain);
        in.compact();
        return result.bytesConsumed() > 0 || result.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
    }

    SSLEngine client() {
        return client;
    }

    SSLEngine server() {
        return server;
    }
}
