package dev.sluice.tls;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of keys or certificates cannot be read or is not what it should be. The text begins with the file and says what was
 * found and expected: "server.key: holds a certificate, expected a private key". It never quotes key material. Immutable but for
 * suppressed exceptions.
 */
public final class KeyMaterialException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;

    KeyMaterialException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause);
        this.file = file.toString();
    }

    /** Returns the file that is wrong. */
    public Path file() {
        return Path.of(file);
    }
}
