package dev.sluice.nio;

/** Decides what speaks on a connection that a {@link Listener} accepted. */
@FunctionalInterface
public interface Acceptor {
    /**
     * Returns the handler for a new connection. Called on the connection's loop; what it throws closes the connection.
     *
     * @param connection not yet readable or writable; its endpoints and credentials can be asked
     */
    ConnectionHandler onAccepted(Connection connection);
}
