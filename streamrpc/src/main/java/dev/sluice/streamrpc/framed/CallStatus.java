package dev.sluice.streamrpc.framed;

import java.util.Optional;

/** How a call of the framed RPC ended (docs/framed-rpc.md, section 3). Immutable. */
public enum CallStatus {
    /** The answer follows. */
    OK(1, "StatusOK"),
    /** The request was wrong: no such endpoint, other types than the endpoint's, a body that could not be read. */
    REQUEST_ERROR(2, "StatusRequestError"),
    /** The server could not say what the handler had returned. */
    SERVER_ERROR(3, "StatusServerError"),
    /** The handler failed. */
    ERROR(4, "StatusError");

    private final int code;
    private final String text;

    CallStatus(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** Returns the number on the wire. */
    public int code() {
        return code;
    }

    /** Returns the status of a number on the wire; empty for 0, "not set", and for what nobody has defined. */
    public static Optional<CallStatus> of(long code) {
        return code >= 1 && code <= values().length ? Optional.of(values()[(int) code - 1]) : Optional.empty();
    }

    /** Returns the name that the protocol's other implementation uses in texts. */
    @Override
    public String toString() {
        return text;
    }
}
