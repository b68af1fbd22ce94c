package dev.sluice.cli.files;

import io.grpc.StatusException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A directory whose files are offered to clients that are not trusted. No path leads out of it: not by its text, not by a symbolic
 * link, and not when somebody renames directories or replaces them by links meanwhile (on platforms with {@code openat}).
 * Links that stay inside are followed. Only regular files are opened.
 *
 * <p>One gap is left by what Java offers: who replaces a file by a FIFO in the instant between look and open makes that one
 * open wait for a writer.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class FileRoot {
    private final Path real;

    private FileRoot(Path real) {
        this.real = real;
    }

    /**
     * Returns the root at a directory.
     *
     * @throws IOException if there is no such directory, or it may not be read
     */
    public static FileRoot of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(directory.toString());
        }
        if (!Files.isReadable(real)) {
            throw new AccessDeniedException(directory.toString());
        }
        return new FileRoot(real);
    }

    /** Returns where the root is, without links. */
    public Path path() {
        return real;
    }

    /** Returns whether a path, by the rules of {@code files.proto}, names a directory below the root. */
    public boolean hasDirectory(String path) {
        try (RootWalk walk = new RootWalk(real, path)) {
            return walk.walk().isDirectory();
        } catch (StatusException | IOException e) {
            return false; // whatever is in the way: from here there is no such directory
        }
    }

    /** Opens a file for reading. */
    RootFile open(String path) throws StatusException {
        try (RootWalk walk = new RootWalk(real, path)) {
            RootWalk.End end = walk.walk();
            BasicFileAttributes found = requireRegular(path, end).orElseThrow(() -> Refusal.notFound(path));
            FileChannel channel = walk.directory().open(end.name(), Set.of(StandardOpenOption.READ));
            try {
                BasicFileAttributes opened = walk.directory().attributes(end.name());
                if (!Objects.equals(found.fileKey(), opened.fileKey())) {
                    throw Refusal.changed(path);
                }
                return new RootFile(walk.takeDirectory(), end.name(), channel, FileVersion.of(opened));
            } catch (StatusException | IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw Refusal.of(path, e);
        }
    }

    /** Returns what is at a path, without opening it. */
    FileVersion look(String path) throws StatusException {
        try (RootWalk walk = new RootWalk(real, path)) {
            return requireRegular(path, walk.walk()).map(FileVersion::of).orElseThrow(() -> Refusal.notFound(path));
        } catch (IOException e) {
            throw Refusal.of(path, e);
        }
    }

    /**
     * Begins a file of {@code size} bytes, which is to get its name once it is complete.
     *
     * @param overwrite whether it may replace another
     */
    PartFile create(String path, long size, boolean overwrite) throws StatusException {
        try (RootWalk walk = new RootWalk(real, path)) {
            RootWalk.End end = walk.walk();
            if (requireRegular(path, end).isPresent() && !overwrite) {
                throw Refusal.exists(path);
            }
            requireRoom(walk.directory().path(), size);
            return PartFile.create(walk.takeDirectory(), end.name(), overwrite);
        } catch (IOException e) {
            throw Refusal.of(path, e);
        }
    }

    private static Optional<BasicFileAttributes> requireRegular(String path, RootWalk.End end) throws StatusException {
        if (end.isDirectory()) {
            throw Refusal.notRegular(path, true);
        }
        if (end.attributes().filter(found -> !found.isRegularFile()).isPresent()) {
            throw Refusal.notRegular(path, false);
        }
        return end.attributes();
    }

    /** Says no to what cannot fit before it is sent; what fits now may still fail later. */
    private static void requireRoom(Path directory, long size) throws StatusException, IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (Long.compareUnsigned(size, usable) > 0) {
            throw Refusal.noRoom(size, usable);
        }
    }
}
