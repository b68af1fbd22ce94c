package dev.sluice.grpc.internal.backchannel;

import dev.sluice.mux.Protocol;
import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import dev.sluice.yamux.YamuxConfig;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Has connections that this side opens carry a session, whose first stream is the connection above. Thread-safe.
 *
 * @param below what the endpoint has below the session, as TLS
 * @param config of the sessions
 * @param protocols makes what serves the streams that the peer opens, for each session anew
 */
public record BackchannelLayer(Optional<ConnectionLayer> below, YamuxConfig config, Supplier<List<Protocol>> protocols)
        implements ConnectionLayer {
    private static final String SCHEME = "backchannel";

    @Override
    public String scheme() {
        return below.map(layer -> SCHEME + "+" + layer.scheme()).orElse(SCHEME);
    }

    @Override
    public boolean isEncrypting() {
        return below.filter(ConnectionLayer::isEncrypting).isPresent();
    }

    @Override
    public ConnectionLayer withApplicationProtocols(List<String> names) {
        return new BackchannelLayer(below.map(layer -> layer.withApplicationProtocols(names)), config, protocols);
    }

    @Override
    public void requireAccepting(Endpoint endpoint) throws TransportException {
        throw new TransportException(
                Reason.UNSUPPORTED,
                endpoint
                        + ": a server takes such clients by a protocol: SluiceServer.Builder.protocol(Backchannel.serve(peers))");
    }

    @Override
    public ConnectionHandler accepting(Acceptor acceptor) {
        throw new UnsupportedOperationException("only for connections that this side opens");
    }

    @Override
    public ConnectionHandler connecting(
            Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result) {
        BackchannelClient client = new BackchannelClient(config, protocols, endpoint, handler, result);
        return below.map(layer -> connectingOver(layer, endpoint, client, result))
                .orElse(client);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // only passes on
    private static ConnectionHandler connectingOver(
            ConnectionLayer layer, Endpoint endpoint, ConnectionHandler client, CompletableFuture<Connection> result) {
        CompletableFuture<Connection> secured = new CompletableFuture<>();
        secured.whenComplete((connection, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            }
        });
        return layer.connecting(endpoint.below().with(layer), client, secured);
    }
}
