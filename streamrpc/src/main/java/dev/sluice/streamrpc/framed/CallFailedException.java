package dev.sluice.streamrpc.framed;

import java.io.IOException;
import java.util.Objects;

/**
 * The server's answer to a call was an error, or its octets ended with one. What lies between is in order: failures of that are
 * {@link dev.sluice.nio.TransportException}s. Immutable.
 */
public final class CallFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final CallStatus status;
    private final String text;

    /**
     * Creates the failure.
     *
     * @param status not {@link CallStatus#OK}
     * @param text exactly what the server sent
     */
    public CallFailedException(CallStatus status, String text) {
        super(Objects.requireNonNull(status, "status") + ": " + text);
        if (status == CallStatus.OK) {
            throw new IllegalArgumentException("a call that failed cannot have the status " + status);
        }
        this.status = status;
        this.text = text;
    }

    /** Returns who is to blame. */
    public CallStatus status() {
        return status;
    }

    /** Returns the text as the server sent it, without the status in front of it. */
    public String text() {
        return text;
    }
}
