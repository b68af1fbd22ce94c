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
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** {@code unix:///path}: sockets of the platform that are files. */
public final class UnixTransport implements TransportProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("unix");
    }

    @Override
    public Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException {
        try {
            SocketOptions options = SocketOptions.unix(endpoint);
            UnixSocketFile file = UnixSocketFile.of(endpoint);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                file.bind(channel, options.backlog());
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            SocketListener listener = new SocketListener(
                    group,
                    SocketKind.UNIX,
                    ServerChannel.of(channel),
                    endpoint,
                    acceptor,
                    maxConnections,
                    file::deleteIfOurs);
            listener.start();
            return listener;
        } catch (IllegalArgumentException e) {
            throw new TransportException(Reason.INVALID_ENDPOINT, e.getMessage(), e);
        } catch (TransportException e) {
            throw e;
        } catch (IOException e) {
            throw SocketListener.bindFailure(endpoint, e, adviceFor(e));
        }
    }

    private static String adviceFor(IOException e) {
        if (e instanceof SocketException && String.valueOf(e.getMessage()).contains("too long")) {
            return "; a socket path has at most 106 bytes on Linux and 102 on macOS, choose a shorter one";
        }
        return switch (TransportException.of("", e).reason()) {
            case PERMISSION_DENIED -> "; choose a directory that this user may write to";
            case REFUSED -> "; does the directory exist?";
            default -> "";
        };
    }

    @Override
    public void connect(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler handler,
            long deadlineNanos,
            CompletableFuture<Connection> result) {
        List<UnixDomainSocketAddress> address = List.of(UnixDomainSocketAddress.of(Path.of(endpoint.name())));
        SocketConnector connector = new SocketConnector(loop, endpoint, SocketKind.UNIX, handler, result);
        Loops.run(loop, () -> connector.start(() -> address, deadlineNanos), result);
    }
}
