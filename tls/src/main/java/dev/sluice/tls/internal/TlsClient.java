package dev.sluice.tls.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.ConnectionLayer;
import java.util.concurrent.CompletableFuture;

/** The client's side of a new connection. */
public final class TlsClient {
    private TlsClient() {}

    /** Returns the handler for a connection below that was opened, as {@link ConnectionLayer#connecting} wants it. */
    public static ConnectionHandler connecting(
            ConnectionLayer layer,
            EngineSetup setup,
            Endpoint endpoint,
            ConnectionHandler handler,
            CompletableFuture<Connection> result) {
        return new TlsHandshake(setup, new Connected(layer, setup, endpoint, handler, result));
    }

    private record Connected(
            ConnectionLayer layer,
            EngineSetup setup,
            Endpoint endpoint,
            ConnectionHandler handler,
            CompletableFuture<Connection> result)
            implements TlsHandshake.Outcome {
        @Override
        public void established(Connection below, RecordLayer records) {
            TlsConnection above = new TlsConnection(
                    below, records, setup, below.localEndpoint().with(layer), endpoint);
            above.start(() -> handler);
            result.complete(above);
        }

        @Override
        public void failed(TransportException why) {
            result.completeExceptionally(
                    new TransportException(why.reason(), "connect to " + endpoint + ": " + why.getMessage(), why));
        }
    }
}
