package dev.sluice.grpc.internal.backchannel;

import dev.sluice.grpc.Backchannel;
import dev.sluice.mux.Demux;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The first handler of a connection that this side opened: says the magic, begins the session, and opens its first stream for whoever
 * connects. The session ends with that stream; what serves the peer's streams is drained when it has. Loop-confined.
 */
final class BackchannelClient implements ConnectionHandler {
    /** What streams of the peer are counted under. */
    private static final String WIRE = Backchannel.MAGIC.text();
    /** For a stream of the peer to say what it speaks, as at a server. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final YamuxConfig config;
    private final Supplier<List<Protocol>> protocols;
    private final Endpoint endpoint;
    private final ConnectionHandler handler;
    private final CompletableFuture<Connection> result;
    private final ByteBuffer magic = ByteBuffer.wrap(Backchannel.MAGIC.bytes());

    BackchannelClient(
            YamuxConfig config,
            Supplier<List<Protocol>> protocols,
            Endpoint endpoint,
            ConnectionHandler handler,
            CompletableFuture<Connection> result) {
        this.config = config;
        this.protocols = protocols;
        this.endpoint = endpoint;
        this.handler = handler;
        this.result = result;
    }

    @Override
    public void onAttached(Connection connection) throws TransportException {
        sayMagic(connection);
    }

    @Override
    public void onReadable(Connection connection) {
        // The server speaks after this side: what comes is the session's to judge.
    }

    @Override
    public void onWritable(Connection connection) throws TransportException {
        sayMagic(connection);
    }

    private void sayMagic(Connection connection) throws TransportException {
        connection.write(magic);
        if (!magic.hasRemaining()) {
            begin(connection);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callbacks only pass on
    private void begin(Connection connection) {
        Demux demux;
        try {
            demux = new Demux(WIRE, protocols.get(), HANDSHAKE_TIMEOUT);
        } catch (RuntimeException e) {
            TransportException failure = TransportException.of("the supplier given to Backchannel.client", e);
            fail("make the protocols for the server's streams", failure);
            connection.abort(failure);
            return;
        }
        Yamux session = Yamux.client(connection, config, demux);
        session.ended().thenRun(demux::drain);
        session.openStream(handler).whenComplete((stream, failure) -> {
            if (failure == null) {
                stream.whenClosed(cause -> session.close());
                result.complete(stream);
            } else {
                session.close();
                fail("open client stream", TransportException.of("opening stream 1", failure));
            }
        });
    }

    /** Before the session began: later the connection is the session's. */
    @Override
    public void onClosed(Connection connection, TransportException cause) {
        fail("write backchannel magic bytes", cause);
    }

    private void fail(String step, TransportException cause) {
        result.completeExceptionally(new TransportException(
                cause.reason(), "connect to " + endpoint + ": serve: " + step + ": " + cause.getMessage(), cause));
    }
}
