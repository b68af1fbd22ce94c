package dev.sluice.grpc.internal;

/** A client broke a rule of HTTP/2 that ends its connection (RFC 9113, section 5.4.1). */
final class Http2Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int error;

    Http2Violation(int error, String message) {
        super(message);
        this.error = error;
    }

    /** Returns the error code for GOAWAY (RFC 9113, section 7) of what grpc-okhttp's reader of frames throws, which it says in words. */
    static int codeOf(Throwable failure) {
        if (failure instanceof Http2Violation violation) {
            return violation.error;
        }
        String text = String.valueOf(failure.getMessage());
        return text.startsWith("FRAME_SIZE_ERROR") || text.contains("length")
                ? Http2Frames.FRAME_SIZE_ERROR
                : Http2Frames.PROTOCOL_ERROR;
    }
}
