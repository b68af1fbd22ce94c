package dev.sluice.tls.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.PooledBuffer;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The server's side of a new connection. */
public final class TlsServer {
    private TlsServer() {}

    /** Returns the handler for a connection below that was accepted, as {@link ConnectionLayer#accepting} wants it. */
    public static ConnectionHandler accepting(
            ConnectionLayer layer, EngineSetup setup, Acceptor acceptor, boolean plaintextToo) {
        TlsHandshake handshake = new TlsHandshake(setup, new Accepted(layer, setup, acceptor));
        return plaintextToo ? new FirstByte(handshake, acceptor) : handshake;
    }

    private record Accepted(ConnectionLayer layer, EngineSetup setup, Acceptor acceptor)
            implements TlsHandshake.Outcome {
        @Override
        public void established(Connection below, RecordLayer records) {
            TlsConnection above = new TlsConnection(
                    below,
                    records,
                    setup,
                    below.localEndpoint().with(layer),
                    below.remoteEndpoint().with(layer));
            above.start(() -> acceptor.onAccepted(above));
        }

        @Override
        public void failed(TransportException why) {
            // Counted and logged; nobody else knows of the connection yet.
        }
    }

    /** Tells TLS clients from plaintext ones: 0x16 begins every TLS connection and no text. */
    private record FirstByte(TlsHandshake handshake, Acceptor acceptor) implements ConnectionHandler {
        @Override
        public void onReadable(Connection connection) throws IOException {
            PooledBuffer scratch = connection.loop().buffers().acquire(1);
            try {
                ByteBuffer first = scratch.buffer().limit(1);
                int n = connection.read(first);
                if (n == 0) {
                    return;
                }
                first.flip();
                boolean tls = n > 0 && first.get(0) == RecordCheck.HANDSHAKE;
                connection.unread(first);
                connection.handler(tls ? handshake : acceptor.onAccepted(connection));
            } finally {
                scratch.release();
            }
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Said nothing: whoever limits its time counts it.
        }
    }
}
