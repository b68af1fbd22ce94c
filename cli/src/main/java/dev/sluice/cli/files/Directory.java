package dev.sluice.cli.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * An open directory, to work on its entries by name. No method follows a symbolic link. One thread at a time.
 *
 * <p>Where the platform has {@code openat} and its kin this stays the same directory whatever becomes of its path;
 * elsewhere it is a path, and who may rename directories can redirect it.
 */
interface Directory extends AutoCloseable {
    /** Opens a directory by its path, following symbolic links. */
    @SuppressWarnings("StreamResourceLeak") // the secure one is held, the other closed
    static Directory open(Path path) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new SecureDirectory(secure, path);
        }
        stream.close();
        return new PlainDirectory(path);
    }

    /** Returns the path by which this was opened, for texts and for what only paths can do. */
    Path path();

    BasicFileAttributes attributes(Path name) throws IOException;

    Directory directory(Path name) throws IOException;

    FileChannel open(Path name, Set<OpenOption> options) throws IOException;

    /** Renames an entry in one step, over one that has the name already. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path name) throws IOException;

    /** Makes renames durable, if the platform can. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
