package dev.sluice.proto.stream;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** Why a call has no more messages, or takes none. Immutable but for suppressed exceptions. */
public final class MessageStreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Status status;

    /** Creates one for the end of a call. */
    public MessageStreamException(Status status) {
        super(textOf(status), status.getCause());
        this.status = status;
    }

    /** Wraps what a stub throws. The cause has the trailers. */
    public MessageStreamException(StatusRuntimeException failure) {
        super(textOf(failure.getStatus()), failure);
        this.status = failure.getStatus();
    }

    /** Returns how the call ended. */
    public Status status() {
        return status;
    }

    private static String textOf(Status status) {
        String description = status.getDescription();
        return status.getCode() + (description == null ? "" : ": " + description);
    }
}
