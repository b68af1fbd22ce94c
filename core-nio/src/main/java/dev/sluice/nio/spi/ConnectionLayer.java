package dev.sluice.nio.spi;

import dev.sluice.nio.Acceptor;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What stands between a connection and its handler and changes the bytes, as TLS does. It makes a connection above from the one
 * below, on the same loop. An {@link Endpoint} carries it ({@link Endpoint#with}); one without settings, for {@code tls://} in
 * a URI, is found with {@link java.util.ServiceLoader}.
 *
 * <p><b>Threading:</b> thread-safe. What it returns is loop-confined.
 *
 * <p>Whoever calls it limits the time: it aborts the connection below at the deadline.
 */
public interface ConnectionLayer {
    /** Returns what stands before the transport's scheme, in lower case: {@code tls} in {@code tls+unix:///run/app.sock}. */
    String scheme();

    /**
     * Returns whether the connections that this side opens keep others from reading and changing what they carry: if not,
     * credentials that demand privacy are not sent over them.
     */
    default boolean isEncrypting() {
        return false;
    }

    /**
     * Returns this layer as one that agrees upon an application protocol (ALPN, RFC 7301), for whoever knows what is spoken above. It
     * offers these names when it connects. When it accepts, it selects the first of them that the peer offers, and lets peers in as
     * before that offer others or none. What the layer's owner has set wins: then nothing changes.
     *
     * @param names the preferred one first; empty if none is to be agreed upon
     * @return this layer if it knows no application protocols
     */
    default ConnectionLayer withApplicationProtocols(List<String> names) {
        return this;
    }

    /**
     * Checks that this can accept, before an address is bound.
     *
     * @throws TransportException if it lacks what a server needs; the text says what
     */
    void requireAccepting(Endpoint endpoint) throws TransportException;

    /**
     * Returns the handler for a connection below that was accepted. Once both sides agree, that opens the connection above and asks
     * {@code acceptor} for its handler; if they do not, it closes the one below.
     */
    ConnectionHandler accepting(Acceptor acceptor);

    /**
     * Returns the handler for a connection below that this side opened. Once both sides agree, that opens the connection above with
     * {@code handler} and completes {@code result}; if they do not, it closes the one below and fails {@code result}.
     *
     * @param endpoint the address as the caller gave it, with this layer's scheme
     */
    ConnectionHandler connecting(Endpoint endpoint, ConnectionHandler handler, CompletableFuture<Connection> result);
}
