package dev.sluice.mux;

import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import java.util.List;
import java.util.Optional;

/**
 * What a server speaks to the clients that begin with a certain {@link Magic}, or to all that no magic claims.
 *
 * <p>Clients must speak first, and their first eleven bytes must not be another protocol's magic.
 *
 * <p><b>Threading:</b> {@link #accept} runs on the connection's loop, for many connections on many loops; the rest is
 * called by the server's owner.
 */
public interface Protocol {
    /** Returns a short lower-case name for logs and metrics. */
    String name();

    /** Returns the magic; empty for the one protocol that takes all other clients. */
    Optional<Magic> magic();

    /**
     * Returns the names of this protocol in ALPN (RFC 7301), the preferred one first. Where an endpoint's layer, such as TLS, agrees upon
     * application protocols and its owner has set none, clients that offer one of these find it selected. It says nothing about
     * who gets a connection: its first bytes do. Default: none.
     */
    default List<String> applicationProtocols() {
        return List.of();
    }

    /**
     * Returns whether connections of this protocol carry others within, as the streams of a session, which it gives to
     * {@link Handshake#within()}. These are not carried within others themselves. Default: no.
     */
    default boolean carriesConnections() {
        return false;
    }

    /**
     * Takes over a connection. Its magic has been read, all that follows has not; if there is no magic, all bytes are unread.
     * Must not block; what it throws closes the connection.
     *
     * @param handshake the time left, and whom to tell when the client has said enough to be worth keeping
     */
    ConnectionHandler accept(Connection connection, Handshake handshake);

    /** The server stops: begin nothing new, finish what is under way. Called once, before the drain limit runs. */
    default void drain() {}
}
