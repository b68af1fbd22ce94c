package dev.sluice.streamrpc;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import io.grpc.Status;

/** Why a StreamRPC call did not get its stream: the server rejected it, or it never got that far. Immutable. */
public final class StreamRpcException extends TransportException {
    private static final long serialVersionUID = 1L;

    private final transient Status status;
    private final boolean rejected;

    private StreamRpcException(Reason reason, String message, Status status, boolean rejected, Throwable cause) {
        super(reason, message, cause);
        this.status = status.withDescription(message).withCause(this);
        this.rejected = rejected;
    }

    /**
     * The server's own refusal.
     *
     * @param text exactly what the server sent
     * @param status the code that the text or frame carries; its description is replaced by the text
     */
    public static StreamRpcException rejection(String text, Status status) {
        return new StreamRpcException(Reason.PROTOCOL_ERROR, text, status, true, null);
    }

    /** A failure on this side, or of what lies between. */
    public static StreamRpcException failure(Reason reason, String text, Throwable cause) {
        return new StreamRpcException(reason, text, statusOf(reason), false, cause);
    }

    /** A failure that an interceptor, or gRPC, describes by a status. */
    public static StreamRpcException of(Status status) {
        if (status.getCause() instanceof StreamRpcException known) {
            return known;
        }
        String text = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        Reason reason = status.getCode() == Status.Code.CANCELLED ? Reason.CANCELLED : Reason.PROTOCOL_ERROR;
        return new StreamRpcException(reason, text, status, false, status.getCause());
    }

    /** Returns the failure as gRPC says it; its cause is this. */
    public Status status() {
        return status;
    }

    /** Returns whether the server said no; if not, it may never have heard of the call. */
    public boolean isRejection() {
        return rejected;
    }

    private static Status statusOf(Reason reason) {
        return switch (reason) {
            case TIMEOUT -> Status.DEADLINE_EXCEEDED;
            case CANCELLED -> Status.CANCELLED;
            case PROTOCOL_ERROR, INTERNAL -> Status.INTERNAL;
            case INVALID_ENDPOINT, UNSUPPORTED -> Status.INVALID_ARGUMENT;
            case LIMIT_EXCEEDED -> Status.RESOURCE_EXHAUSTED;
            default -> Status.UNAVAILABLE;
        };
    }
}
