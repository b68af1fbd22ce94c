package dev.sluice.proto.internal;

/** A method's annotations are not right. The message says why, in the linter's words. */
public final class AnnotationException extends Exception {
    private static final long serialVersionUID = 1L;

    AnnotationException(String message) {
        super(message);
    }

    AnnotationException(String message, Throwable cause) {
        super(message, cause);
    }
}
