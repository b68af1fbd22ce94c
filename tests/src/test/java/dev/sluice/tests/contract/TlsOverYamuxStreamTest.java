package dev.sluice.tests.contract;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.tls.Identities;
import dev.sluice.tls.Tls;
import dev.sluice.yamux.Yamux;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** TLS inside a session: end to end through whatever carries that. */
class TlsOverYamuxStreamTest extends YamuxStreamContract {
    private final Tls server = Tls.server(Identities.of(TlsConnectionContract.identity()));
    private final Tls client = TlsConnectionContract.clientBuilder().build();

    @Override
    protected Endpoint listenEndpoint() {
        return Endpoint.memory("tls-over-yamux");
    }

    @Override
    Acceptor streams(Acceptor acceptor) {
        return stream -> server.accepting(acceptor);
    }

    @Override
    CompletionStage<Connection> open(Yamux session, ConnectionHandler connected) {
        CompletableFuture<Connection> opened = new CompletableFuture<>();
        Endpoint endpoint = listenEndpoint().with(client);
        session.openStream(client.connecting(endpoint, connected, opened)).exceptionally(failure -> {
            opened.completeExceptionally(failure);
            return null;
        });
        return opened;
    }
}
