package dev.sluice.cli;

/** A failure whose text is for the person at the keyboard, complete as it is: what, and what to do. */
final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    CommandFailure(String message) {
        super(message);
    }

    CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
