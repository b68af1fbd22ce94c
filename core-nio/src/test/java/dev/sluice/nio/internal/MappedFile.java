package dev.sluice.nio.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file without contents, and what of it this process has mapped, as Linux says. */
record MappedFile(Path path) {
    static MappedFile sparse(Path path, long size) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), size - 1);
        }
        return new MappedFile(path.toRealPath());
    }

    FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    /** Returns how many bytes are mapped. */
    long mappedBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith(" " + path))
                .mapToLong(MappedFile::length)
                .sum();
    }

    /** Of a line that begins with {@code first-end}, in hex. */
    private static long length(String line) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
        return Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16);
    }

    /** Returns whether this process has the file open. */
    boolean isOpen() throws IOException {
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (leadsHere(descriptor)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean leadsHere(Path descriptor) throws IOException {
        try {
            return Files.isSameFile(descriptor, path);
        } catch (NoSuchFileException e) {
            return false; // closed meanwhile
        }
    }
}
