package dev.sluice.tls;

import java.nio.file.Path;
import java.time.Instant;

/**
 * Files of an identity changed, and what they hold now cannot be used. The identity from before stays in use. Immutable.
 *
 * @param file the file that is wrong
 * @param cause what is wrong; its text begins with the file's name
 * @param since when this was first seen
 */
public record ReloadFailure(Path file, KeyMaterialException cause, Instant since) {
    /** Returns a text for operators. */
    @Override
    public String toString() {
        return cause.getMessage() + " (since " + since + ")";
    }
}
