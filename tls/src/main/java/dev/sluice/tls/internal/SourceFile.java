package dev.sluice.tls.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files of key material, which are small. */
public final class SourceFile {
    /** No sound file comes near. */
    public static final int MAX_BYTES = 1 << 20;

    private SourceFile() {}

    /**
     * Returns the content of a file.
     *
     * @throws KeyFormatException if the file is too large or cannot be read; the text follows the file's name
     */
    public static byte[] read(Path file) throws KeyFormatException {
        if (Files.isDirectory(file)) {
            throw new KeyFormatException("is a directory, expected a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            // Not by the file's size, which says nothing of a pipe and may grow.
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new KeyFormatException("is larger than 1 MiB, expected a file of certificates or keys");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new KeyFormatException("no such file", e);
        } catch (AccessDeniedException e) {
            throw new KeyFormatException("permission denied", e);
        } catch (IOException e) {
            throw new KeyFormatException("cannot be read: " + KeyFormatException.textOf(e), e);
        }
    }
}
