package dev.sluice.streamrpc.internal;

import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * gRPC's textual form of a status, {@code rpc error: code = Unauthenticated desc = authentication required}: the only way in
 * which a code crosses the wire of StreamRPC 00.
 */
public final class StatusText {
    /** What a server says of a method that it does not have, in front of the name. */
    public static final String METHOD_NOT_FOUND = "method not found: ";

    private static final String HEAD = "rpc error: code = ";
    private static final String MIDDLE = " desc = ";

    /** The names of Go, which are not those of Java. */
    private static final Map<Status.Code, String> NAMES = names();

    private StatusText() {}

    private static Map<Status.Code, String> names() {
        Map<Status.Code, String> names = new EnumMap<>(Status.Code.class);
        for (Status.Code code : Status.Code.values()) {
            names.put(code, goName(code));
        }
        return names;
    }

    private static String goName(Status.Code code) {
        return switch (code) {
            case OK -> "OK";
            case CANCELLED -> "Canceled";
            case UNKNOWN -> "Unknown";
            case INVALID_ARGUMENT -> "InvalidArgument";
            case DEADLINE_EXCEEDED -> "DeadlineExceeded";
            case NOT_FOUND -> "NotFound";
            case ALREADY_EXISTS -> "AlreadyExists";
            case PERMISSION_DENIED -> "PermissionDenied";
            case RESOURCE_EXHAUSTED -> "ResourceExhausted";
            case FAILED_PRECONDITION -> "FailedPrecondition";
            case ABORTED -> "Aborted";
            case OUT_OF_RANGE -> "OutOfRange";
            case UNIMPLEMENTED -> "Unimplemented";
            case INTERNAL -> "Internal";
            case UNAVAILABLE -> "Unavailable";
            case DATA_LOSS -> "DataLoss";
            case UNAUTHENTICATED -> "Unauthenticated";
        };
    }

    /** Returns the text of a status; a missing description is an empty one. */
    public static String format(Status status) {
        return HEAD + NAMES.get(status.getCode()) + MIDDLE + Objects.requireNonNullElse(status.getDescription(), "");
    }

    /**
     * Returns the status that a rejection's text stands for. A text of no known form, or of code OK, which no rejection can
     * have, is the description of {@link Status#UNKNOWN}.
     */
    public static Status parse(String error) {
        if (error.startsWith(METHOD_NOT_FOUND)) {
            return Status.UNIMPLEMENTED.withDescription(error);
        }
        int middle = error.indexOf(MIDDLE);
        if (error.startsWith(HEAD) && middle >= HEAD.length()) {
            Optional<Status.Code> code = codeOf(error.substring(HEAD.length(), middle));
            if (code.isPresent()) {
                return code.get().toStatus().withDescription(error.substring(middle + MIDDLE.length()));
            }
        }
        return Status.UNKNOWN.withDescription(error);
    }

    private static Optional<Status.Code> codeOf(String name) {
        return NAMES.entrySet().stream()
                .filter(entry ->
                        entry.getKey() != Status.Code.OK && entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
