package dev.sluice.tls.internal;

import java.security.GeneralSecurityException;

/**
 * Key material that is not what it should be. The text says what was found and expected, ready to stand behind a file's
 * name: "holds a certificate, expected a private key". It never quotes the material.
 */
public final class KeyFormatException extends GeneralSecurityException {
    private static final long serialVersionUID = 1L;

    /** Creates a failure without a cause. */
    public KeyFormatException(String message) {
        super(message);
    }

    /** Creates a failure that was caused by another. */
    public KeyFormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns what a failure says of itself, or its kind if it says nothing. */
    public static String textOf(Throwable failure) {
        String text = failure.getMessage();
        return text == null ? failure.getClass().getSimpleName() : text;
    }
}
