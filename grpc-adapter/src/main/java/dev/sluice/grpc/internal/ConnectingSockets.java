package dev.sluice.grpc.internal;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import javax.net.SocketFactory;

/** The sockets of a channel: each is a new connection to the one endpoint, whatever address gRPC thinks of. Thread-safe. */
public final class ConnectingSockets extends SocketFactory {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

    private final Endpoint endpoint;
    private final EventLoopGroup loops;

    /** Creates the factory; connects nothing yet. */
    public ConnectingSockets(Endpoint endpoint, EventLoopGroup loops) {
        this.endpoint = endpoint;
        this.loops = loops;
    }

    /** Connects; blocks until the layers below gRPC are through with their handshakes. */
    @Override
    public Socket createSocket() throws IOException {
        try {
            Connection connection = loops.connect(endpoint, new Waiting(), CONNECT_TIMEOUT)
                    .toCompletableFuture()
                    .get();
            return ConnectionSocket.client(connection.blocking());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to " + endpoint);
        }
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket();
    }

    /** Leaves everything to whoever takes the blocking view. */
    private static final class Waiting implements ConnectionHandler {
        @Override
        public void onAttached(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onReadable(Connection connection) {
            throw new IllegalStateException("reading is paused");
        }

        @Override
        public void onClosed(Connection connection, TransportException cause) {
            // Taking the view tells.
        }
    }
}
