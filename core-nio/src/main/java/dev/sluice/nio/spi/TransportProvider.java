package dev.sluice.nio.spi;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.TransportException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A transport, found with {@link java.util.ServiceLoader} by the scheme of an {@link Endpoint}. Its connections extend
 * {@link AbstractConnection}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface TransportProvider {
    /** Returns the schemes that this serves, in lower case. */
    Set<String> schemes();

    /**
     * Accepts connections at an address. May block.
     *
     * @param maxConnections how many accepted connections may be open at a time, at least 1; more are not accepted
     * @throws TransportException if the address cannot be used; the text says what to do about it
     */
    Listener listen(EventLoopGroup group, Endpoint endpoint, Acceptor acceptor, int maxConnections)
            throws TransportException;

    /**
     * Connects to an address and {@linkplain AbstractConnection#open opens} the connection with {@code handler}. Must not block.
     *
     * @param loop where the connection should live
     * @param deadlineNanos when to give up, a time of {@link EventLoop#nanoTime()}
     * @param result completed on the connection's loop; with a {@link TransportException} on failure
     */
    void connect(
            EventLoop loop,
            Endpoint endpoint,
            ConnectionHandler handler,
            long deadlineNanos,
            CompletableFuture<Connection> result);
}
