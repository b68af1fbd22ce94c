package dev.sluice.nio.internal;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.nio.spi.TransportProvider;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * {@code unix-abstract:name}: Unix sockets whose name is no file. Linux only, by jnr-unixsocket, whose channels need a selector and
 * so loops of their own.
 */
public final class UnixAbstractTransport implements TransportProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("unix-abstract");
    }

    @Override
    public Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException {
        requireSupport(endpoint);
        try {
            SocketOptions options = SocketOptions.unixAbstract(endpoint);
            ServerChannel channel = JnrSockets.listen(endpoint.name(), options.backlog());
            SocketListener listener = new SocketListener(
                    group.forSelectorProvider(JnrSockets.provider()),
                    SocketKind.UNIX_ABSTRACT,
                    channel,
                    endpoint,
                    acceptor,
                    maxConnections,
                    () -> {});
            listener.start();
            return listener;
        } catch (IllegalArgumentException e) {
            throw new TransportException(Reason.INVALID_ENDPOINT, e.getMessage(), e);
        } catch (TransportException e) {
            throw e;
        } catch (IOException e) {
            boolean taken = TransportException.of("", e).reason() == Reason.ADDRESS_IN_USE;
            throw SocketListener.bindFailure(
                    endpoint, e, taken ? "; stop the program that listens there, or choose another name" : "");
        }
    }

    @Override
    public void connect(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler handler,
            long deadlineNanos,
            CompletableFuture<Connection> result) {
        try {
            requireSupport(endpoint);
        } catch (TransportException e) {
            result.completeExceptionally(e);
            return;
        }
        EventLoop own = loop.group().forSelectorProvider(JnrSockets.provider()).next();
        List<SocketAddress> address = List.of(JnrSockets.address(endpoint.name()));
        SocketConnector connector = new SocketConnector(own, endpoint, SocketKind.UNIX_ABSTRACT, handler, result);
        Loops.run(own, () -> connector.start(() -> address, deadlineNanos), result);
    }

    private static void requireSupport(Endpoint endpoint) throws TransportException {
        if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
            throw new TransportException(
                    Reason.UNSUPPORTED, endpoint + ": only Linux has abstract Unix sockets; use unix:///path");
        }
        try {
            Class.forName("jnr.unixsocket.UnixSocketChannel");
        } catch (ClassNotFoundException e) {
            throw new TransportException(
                    Reason.UNSUPPORTED,
                    endpoint + ": abstract Unix sockets need com.github.jnr:jnr-unixsocket on the class path",
                    e);
        }
    }
}
