package dev.sluice.nio;

import java.io.IOException;

/**
 * A protocol on a {@link Connection}. All callbacks run on the connection's loop, one at a time, and must not block.
 *
 * <p>Whatever a callback throws closes the connection with {@link Reason#INTERNAL}, or with the reason of the
 * {@link TransportException} that it threw; nothing else on the loop notices.
 */
public interface ConnectionHandler {
    /**
     * The handler now owns the connection: it was opened for it, or handed over by another handler. Bytes that came before are
     * still unread. Called before any other callback.
     */
    default void onAttached(Connection connection) throws IOException {}

    /**
     * Bytes, or the end of the peer's direction, can be read. Called once a turn for as long as that is so, hence it may read as
     * little as it wants. Returning without a call to {@code read} or {@code transferTo} is back-pressure: reading is
     * paused until {@link Connection#resumeReading()}.
     */
    void onReadable(Connection connection) throws IOException;

    /** There is room again after a write or transfer took less than it was given. Called once for each such shortage. */
    default void onWritable(Connection connection) throws IOException {}

    /**
     * Returns whether other threads than the loop process what this reads. A hint: a loop that might look for more input before
     * it sleeps ({@link IdleStrategy#adaptive()}) leaves the processor to them. Asked often, so it must be cheap; it may change
     * over time. A handler that carries other connections answers for these.
     */
    default boolean usesThreads() {
        return false;
    }

    /**
     * The connection is gone. Called exactly once, last, and to whoever is the handler then; it releases what the handler holds.
     *
     * @param cause why; {@link Reason#CLOSED} when this side closed it in an orderly way
     */
    void onClosed(Connection connection, TransportException cause);
}
