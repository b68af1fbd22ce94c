package dev.sluice.yamux;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;

/** A failure that the peer announced with a number of its own: the reset of a stream, or the end of the session. Immutable. */
public final class YamuxException extends TransportException {
    private static final long serialVersionUID = 1L;

    private final long code;

    /**
     * Creates a failure.
     *
     * @param code what the peer said, 0 to 2^32 - 1
     */
    public YamuxException(Reason reason, String message, long code) {
        super(reason, message);
        this.code = code;
    }

    /** Returns the number that the peer gave; 0 is none for a reset, and an orderly end for a session. */
    public long code() {
        return code;
    }
}
