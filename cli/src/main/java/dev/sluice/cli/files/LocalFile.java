package dev.sluice.cli.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/** A file of the client's: what a put reads, what a get writes. Immutable. */
final class LocalFile {
    private final Path directory;
    private final Path name;

    private LocalFile(Path directory, Path name) {
        this.directory = directory;
        this.name = name;
    }

    /** Opens one that is to be sent. Opening a FIFO would wait for a writer. */
    static FileChannel open(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString());
        }
        if (!Files.isRegularFile(source)) {
            throw new IOException("not a regular file: " + source);
        }
        return FileChannel.open(source, StandardOpenOption.READ);
    }

    /** Returns the place of one that is to be written. If {@code target} is a link, the file it points to is meant. */
    static LocalFile at(Path target) throws IOException {
        Path place = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
        Path directory = Optional.ofNullable(place.getParent())
                .filter(Files::isDirectory)
                .orElseThrow(() -> new NoSuchFileException(String.valueOf(target.getParent())));
        return new LocalFile(
                directory, Objects.requireNonNull(place.getFileName(), "a file in a directory has a name"));
    }

    /** Receives a file. */
    @FunctionalInterface
    interface Receiver {
        Transfer receiveInto(WritableByteChannel sink) throws IOException;
    }

    /** Lets a file be received, and gives it its name when that has not thrown. */
    Transfer receive(Receiver receiver) throws IOException {
        try (PartFile part = PartFile.create(Directory.open(directory), name, true)) {
            Transfer transfer = receiver.receiveInto(part);
            part.commit(false);
            return transfer;
        }
    }
}
