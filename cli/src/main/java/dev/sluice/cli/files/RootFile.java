package dev.sluice.cli.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** A regular file below a root, open for reading, and the directory that it was found in. One owner, who closes it. */
final class RootFile implements AutoCloseable {
    private final Directory directory;
    private final Path name;
    private final FileChannel channel;
    private final FileVersion version;

    RootFile(Directory directory, Path name, FileChannel channel, FileVersion version) {
        this.directory = directory;
        this.name = name;
        this.channel = channel;
        this.version = version;
    }

    FileChannel channel() {
        return channel;
    }

    /** Returns the file as it was when it was opened. */
    FileVersion version() {
        return version;
    }

    /** Returns what stands under the file's name now. */
    Optional<FileVersion> versionNow() {
        try {
            return Optional.of(FileVersion.of(directory.attributes(name)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            channel.close();
        }
    }
}
