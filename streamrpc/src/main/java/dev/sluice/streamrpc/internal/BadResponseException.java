package dev.sluice.streamrpc.internal;

/** A response payload that is neither an acceptance nor a rejection. */
public final class BadResponseException extends Exception {
    private static final long serialVersionUID = 1L;

    BadResponseException(JsonException cause) {
        super(cause.getMessage(), cause);
    }
}
