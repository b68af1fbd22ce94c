package dev.sluice.streamrpc.internal;

/** JSON that is malformed or has the wrong types, with a text in the style of Go's {@code encoding/json}. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }

    JsonException(String message, Throwable cause) {
        super(message, cause);
    }
}
