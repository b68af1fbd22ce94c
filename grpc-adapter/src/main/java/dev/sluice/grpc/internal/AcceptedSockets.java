package dev.sluice.grpc.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ServerSocketFactory;

/**
 * The server socket that grpc-okhttp waits at: a queue of connections that another has accepted. Thread-safe.
 *
 * <p>{@code accept} fails only after the close, because a failure is the end of gRPC's server.
 */
public final class AcceptedSockets extends ServerSocketFactory {
    private static final SocketAddress ADDRESS = new NoAddress();

    /** Empty stands for the close. */
    private final LinkedBlockingQueue<Optional<ConnectionSocket>> waiting = new LinkedBlockingQueue<>();

    private boolean closed;
    /** Of the thread that accepts. */
    private ConnectionSocket lastAccepted;

    /** Returns what stands for the address in gRPC's listings; the real ones are the listeners'. */
    public SocketAddress address() {
        return ADDRESS;
    }

    /** Gives gRPC a connection; cuts it if the server has stopped. */
    public void add(ConnectionSocket socket) {
        synchronized (this) {
            if (!closed) {
                waiting.add(Optional.of(socket));
                return;
            }
        }
        socket.close();
    }

    /** Nobody will wait for connections any more: cuts those that wait, and those to come. Idempotent. */
    public void closeAll() {
        synchronized (this) {
            closed = true;
        }
        for (Optional<ConnectionSocket> left = waiting.poll(); left != null; left = waiting.poll()) {
            left.ifPresent(ConnectionSocket::close);
        }
        waiting.add(Optional.empty());
    }

    /** Returns what {@code accept} returned last, to the thread that called it. */
    ConnectionSocket lastAccepted() {
        return lastAccepted;
    }

    @Override
    public ServerSocket createServerSocket() throws IOException {
        return new Acceptor();
    }

    @Override
    public ServerSocket createServerSocket(int port) {
        throw new UnsupportedOperationException("connections are accepted elsewhere");
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
        return createServerSocket(port);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress local) {
        return createServerSocket(port);
    }

    /** The listeners have addresses, of which gRPC's server does not know. */
    private static final class NoAddress extends SocketAddress {
        private static final long serialVersionUID = 1;

        @Override
        public String toString() {
            return "sluice";
        }
    }

    private final class Acceptor extends ServerSocket {
        Acceptor() throws IOException {}

        @Override
        public void bind(SocketAddress endpoint) {
            // There is nothing to bind.
        }

        @Override
        public SocketAddress getLocalSocketAddress() {
            return ADDRESS;
        }

        @Override
        public Socket accept() throws IOException {
            try {
                lastAccepted = waiting.take().orElseThrow(() -> new SocketException("the server has stopped"));
                return lastAccepted;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("interrupted while waiting for connections");
            }
        }

        @Override
        public void close() {
            closeAll();
        }
    }
}
