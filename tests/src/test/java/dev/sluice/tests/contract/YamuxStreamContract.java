package dev.sluice.tests.contract;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import dev.sluice.yamux.Yamux;
import dev.sluice.yamux.YamuxConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The contract, for the streams of a session. */
abstract class YamuxStreamContract extends ConnectionContract {
    /** Becomes a session as soon as it is attached. */
    record Starter(Consumer<Connection> start) implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            start.accept(connection);
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("the session is the handler");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            throw new IllegalStateException("the session is the handler", cause);
        }
    }

    /** Returns the settings of both sides. */
    YamuxConfig config() {
        return YamuxConfig.defaults();
    }

    /** Whether the side that dials, and opens the streams, is the session's server: that is an agreement, no more. */
    boolean dialsAsServer() {
        return false;
    }

    private ConnectionHandler starter(boolean client, Acceptor acceptor, CompletableFuture<Yamux> started) {
        return new Starter(below -> started.complete(
                client ? Yamux.client(below, config(), acceptor) : Yamux.server(below, config(), acceptor)));
    }

    /** Returns where the client finds a listener. */
    Endpoint connectEndpoint(Endpoint listening) {
        return listening;
    }

    /** Opens a stream with a handler. */
    CompletionStage<Connection> open(Yamux session, ConnectionHandler connected) {
        return session.openStream(connected);
    }

    /** Returns what decides about streams, given what decides about the connections that the tests see. */
    Acceptor streams(Acceptor acceptor) {
        return acceptor;
    }

    @Override
    protected void connect(
            EventLoopGroup group, EventLoop loop, ConnectionHandler connected, ConnectionHandler accepted)
            throws Exception {
        CountDownLatch accepting = new CountDownLatch(1);
        Acceptor acceptor = streams(stream -> {
            accepting.countDown();
            return accepted;
        });
        try (Listener listener =
                group.listen(listenEndpoint(), c -> starter(dialsAsServer(), acceptor, new CompletableFuture<>()))) {
            CompletableFuture<Yamux> started = new CompletableFuture<>();
            Endpoint endpoint = connectEndpoint(listener.endpoint());
            Waiting.result(group.connect(
                    loop, endpoint, starter(!dialsAsServer(), acceptor, started), Duration.ofSeconds(10)));
            Yamux opener = Waiting.result(started);
            Waiting.result(open(opener, connected));
            if (!accepting.await(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("opened, but nothing was accepted over " + listener.endpoint());
            }
        }
    }
}
