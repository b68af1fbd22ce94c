package dev.sluice.grpc.internal.backchannel;

import dev.sluice.grpc.Backchannel;
import dev.sluice.mux.Handshake;
import dev.sluice.mux.Magic;
import dev.sluice.mux.Protocol;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Sessions of clients. The streams that a client opens go back to the server as connections of their own; with its first one the client is
 * through the handshake, and with the end of that one the session ends.
 *
 * <p>A stop leaves sessions alone: it is the first stream's protocol that says so to the client, and ends it. Only who has opened none
 * is closed. Thread-safe.
 */
public final class BackchannelServer implements Protocol {
    private final YamuxConfig config;
    private final Consumer<Yamux> peers;
    /** Those that have opened no stream yet. */
    private final Set<Connection> silent = ConcurrentHashMap.newKeySet();

    private volatile boolean draining;

    /** @param peers told of each session whose client has opened its first stream, on its loop */
    public BackchannelServer(YamuxConfig config, Consumer<Yamux> peers) {
        this.config = Objects.requireNonNull(config, "config");
        this.peers = Objects.requireNonNull(peers, "peers");
    }

    @Override
    public String name() {
        return Backchannel.MAGIC.text();
    }

    @Override
    public Optional<Magic> magic() {
        return Optional.of(Backchannel.MAGIC);
    }

    @Override
    public boolean carriesConnections() {
        return true;
    }

    @Override
    public ConnectionHandler accept(Connection connection, Handshake handshake) {
        return new Beginning(handshake);
    }

    @Override
    public void drain() {
        draining = true;
        silent.forEach(connection -> connection.loop().post(() -> closeIfSilent(connection)));
    }

    private void closeIfSilent(Connection connection) {
        if (silent.contains(connection)) {
            connection.abort(new TransportException(Reason.SHUTDOWN, connection + ": the server is stopping"));
        }
    }

    /** The connection of a client, until its session has it. Loop-confined. */
    private final class Beginning implements ConnectionHandler {
        private final Handshake handshake;
        private Yamux session;
        private boolean begun;

        Beginning(Handshake handshake) {
            this.handshake = handshake;
        }

        @Override
        public void onAttached(Connection connection) {
            silent.add(connection);
            connection.whenClosed(cause -> silent.remove(connection));
            session = Yamux.server(connection, config, this::opened);
            if (draining) {
                closeIfSilent(connection);
            }
        }

        private ConnectionHandler opened(Connection stream) {
            if (!begun) {
                begun = true;
                silent.remove(session.connection());
                stream.whenClosed(cause -> session.close());
                peers.accept(session);
                handshake.complete();
            }
            return handshake.within().onAccepted(stream);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("the session reads");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // The session was told, or never was.
        }
    }
}
