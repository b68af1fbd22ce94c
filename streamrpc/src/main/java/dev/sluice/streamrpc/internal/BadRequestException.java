package dev.sluice.streamrpc.internal;

/** A request that cannot be read or written. The text says what is wrong with it and goes to the peer or the caller as it is. */
public final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Creates the failure with the text that the peer gets to see. */
    public BadRequestException(String message) {
        super(message);
    }

    BadRequestException(JsonException cause) {
        super(cause.getMessage(), cause);
    }
}
