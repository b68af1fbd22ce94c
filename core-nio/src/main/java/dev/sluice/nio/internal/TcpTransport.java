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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code tcp://host:port}. */
public final class TcpTransport implements TransportProvider {
    private static final Pattern LITERAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|.*:.*");
    private static final byte[] LOOPBACK_6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    @Override
    public Set<String> schemes() {
        return Set.of("tcp");
    }

    @Override
    public Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException {
        SocketOptions options = optionsOf(endpoint);
        ServerSocketChannel channel = null;
        try {
            channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true); // peers' TIME_WAIT must not bar a restart
            if (options.rcvBuf().isPresent()) {
                channel.setOption(
                        StandardSocketOptions.SO_RCVBUF, options.rcvBuf().getAsInt());
            }
            channel.bind(bindAddress(endpoint), options.backlog());
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            SocketListener listener = new SocketListener(
                    group,
                    SocketKind.TCP,
                    ServerChannel.of(channel),
                    endpoint.withPort(port),
                    acceptor,
                    maxConnections,
                    () -> {});
            listener.start();
            return listener;
        } catch (TransportException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            closeQuietly(channel, e);
            throw SocketListener.bindFailure(endpoint, e, adviceFor(endpoint, e));
        }
    }

    private static String adviceFor(Endpoint endpoint, Exception e) {
        return switch (TransportException.of("", e).reason()) {
            case ADDRESS_IN_USE -> "; stop the program that listens there, or choose another port (0 takes a free one)";
            case PERMISSION_DENIED -> "; ports below 1024 need a privilege, choose a higher one";
            case UNKNOWN_HOST -> "; listen on an address of this machine";
            case IO_ERROR -> "; is " + endpoint.host() + " an address of this machine?";
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
        String host = endpoint.host().isEmpty() ? "localhost" : endpoint.host();
        SocketConnector connector = new SocketConnector(loop, endpoint, SocketKind.TCP, handler, result);
        Loops.run(
                loop,
                () -> {
                    if (host.equalsIgnoreCase("localhost")
                            || LITERAL.matcher(host).matches()) {
                        connector.start(() -> addressesOf(endpoint, host), deadlineNanos);
                    } else {
                        connector.startResolving(() -> addressesOf(endpoint, host), deadlineNanos);
                    }
                },
                result);
    }

    private static List<InetSocketAddress> addressesOf(Endpoint endpoint, String host) throws TransportException {
        try {
            return Stream.of(addressesOf(host))
                    .map(address -> new InetSocketAddress(address, endpoint.port()))
                    .toList();
        } catch (UnknownHostException e) {
            throw new TransportException(Reason.UNKNOWN_HOST, "connect to " + endpoint + ": unknown host " + host, e);
        }
    }

    private static InetAddress[] addressesOf(String host) throws UnknownHostException {
        if (host.equalsIgnoreCase("localhost")) { // always the loopback addresses, RFC 6761 section 6.3
            return new InetAddress[] {
                InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}),
                InetAddress.getByAddress("localhost", LOOPBACK_6)
            };
        }
        return InetAddress.getAllByName(host);
    }

    private static InetSocketAddress bindAddress(Endpoint endpoint) throws UnknownHostException {
        return endpoint.host().isEmpty()
                ? new InetSocketAddress(endpoint.port())
                : new InetSocketAddress(addressesOf(endpoint.host())[0], endpoint.port());
    }

    private static SocketOptions optionsOf(Endpoint endpoint) throws TransportException {
        try {
            return optionsOrThrow(endpoint);
        } catch (IllegalArgumentException e) {
            throw new TransportException(Reason.INVALID_ENDPOINT, e.getMessage(), e);
        }
    }

    private static SocketOptions optionsOrThrow(Endpoint endpoint) {
        return SocketOptions.tcp(endpoint);
    }

    private static void closeQuietly(ServerSocketChannel channel, Exception why) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
