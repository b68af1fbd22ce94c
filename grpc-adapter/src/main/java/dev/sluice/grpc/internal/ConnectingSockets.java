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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import javax.net.SocketFactory;

/** The sockets of a channel: each is a new connection to the one peer, whatever address gRPC thinks of. Thread-safe. */
public final class ConnectingSockets extends SocketFactory {
    /** Unless the endpoint says otherwise: what gRPC's connection backoff protocol gives an attempt at least. */
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

    /** Makes a connection. */
    @FunctionalInterface
    public interface Dial {
        /** Begins; the connection is {@code handler}'s. */
        CompletionStage<Connection> connect(ConnectionHandler handler);
    }

    private final Object target;
    private final Dial dial;
    /** Null before the first. */
    private volatile Connection last;

    /**
     * Creates the factory; connects nothing yet.
     *
     * @param target whom it connects to, for messages
     */
    public ConnectingSockets(Object target, Dial dial) {
        this.target = target;
        this.dial = dial;
    }

    /**
     * Creates the factory of connections to an endpoint; connects nothing yet.
     *
     * @throws IllegalArgumentException if the endpoint's connect timeout is none
     */
    public ConnectingSockets(Endpoint endpoint, EventLoopGroup loops) {
        this(endpoint, dial(endpoint, loops));
    }

    private static Dial dial(Endpoint endpoint, EventLoopGroup loops) {
        Duration timeout = endpoint.connectTimeout().orElse(DEFAULT_TIMEOUT);
        return handler -> loops.connect(endpoint, handler, timeout);
    }

    /** Connects; blocks until the layers below gRPC are through with their handshakes. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // of closing what nobody waits for any more
    public Socket createSocket() throws IOException {
        CompletableFuture<Connection> connecting = dial.connect(new Waiting()).toCompletableFuture();
        try {
            Connection connection = connecting.get();
            last = connection;
            return StreamSocket.client(connection.blocking());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            connecting.thenAccept(ConnectingSockets::closeUnused);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to " + target);
        }
    }

    /** Returns the connection that was made last. */
    Optional<Connection> last() {
        return Optional.ofNullable(last);
    }

    private static void closeUnused(Connection connection) {
        connection.loop().post(connection::close); // if the loop has ended, that has closed it
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
