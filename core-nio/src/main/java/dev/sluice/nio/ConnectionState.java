package dev.sluice.nio;

/**
 * Where a {@link Connection} is in its life. Each direction ends on its own; both ended is not yet closed, because only this
 * side decides when the descriptor goes.
 *
 * <pre>
 *            shutdownOutput                      read returns -1
 *   OPEN ------------------&gt; OUTPUT_ENDED ---------------------&gt; BOTH_ENDED
 *    |                            |                                  ^ |
 *    +--&gt; INPUT_ENDED --------------------- shutdownOutput ----------+ |
 *         (read returned -1)      |                                    |
 *                 |               |                                    |
 *                 +---------------+---- close or failure ---&gt; CLOSED &lt;-+
 * </pre>
 */
public enum ConnectionState {
    /** Both directions carry bytes. */
    OPEN(true, true),
    /** The peer has ended its direction and all its bytes were read. */
    INPUT_ENDED(false, true),
    /** This side has ended its direction. */
    OUTPUT_ENDED(true, false),
    /** Both directions have ended; the connection waits to be closed. */
    BOTH_ENDED(false, false),
    /** The connection is gone. */
    CLOSED(false, false);

    private final boolean readable;
    private final boolean writable;

    ConnectionState(boolean readable, boolean writable) {
        this.readable = readable;
        this.writable = writable;
    }

    /** Returns whether bytes may still come in. */
    public boolean isReadable() {
        return readable;
    }

    /** Returns whether bytes may still go out. */
    public boolean isWritable() {
        return writable;
    }

    /** Returns the state after the peer's direction ended; meaningful in the readable states and idempotent in the others. */
    public ConnectionState afterInputEnd() {
        return switch (this) {
            case OPEN, INPUT_ENDED -> INPUT_ENDED;
            case OUTPUT_ENDED, BOTH_ENDED -> BOTH_ENDED;
            case CLOSED -> CLOSED;
        };
    }

    /** Returns the state after this side's direction ended; meaningful in the writable states and idempotent in the others. */
    public ConnectionState afterOutputEnd() {
        return switch (this) {
            case OPEN, OUTPUT_ENDED -> OUTPUT_ENDED;
            case INPUT_ENDED, BOTH_ENDED -> BOTH_ENDED;
            case CLOSED -> CLOSED;
        };
    }
}
