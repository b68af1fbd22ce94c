package dev.sluice.cli.files;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * The files of a server, to get and to put, by whatever protocol. A transfer that does not throw is complete: length and checksum
 * were compared.
 *
 * <p><b>Threading:</b> thread-safe. Calls block; interrupting one ends it.
 */
public interface RemoteFiles {
    /**
     * Gets a file into a file. It is written under a temporary name in the same directory and renamed when it is complete,
     * over one that has the name already. If {@code target} is a link, the file it points to is meant. When it gets to the
     * disk is left to the system.
     */
    Transfer get(String path, Path target, Progress progress) throws IOException;

    /** Gets a file into a channel. What has been written there is the file only if this does not throw. */
    Transfer get(String path, WritableByteChannel sink, Progress progress) throws IOException;

    /**
     * Puts a file.
     *
     * @param overwrite whether a file that is there is replaced; if not, the server refuses
     */
    Transfer put(Path source, String path, boolean overwrite, Progress progress) throws IOException;
}
