package dev.sluice.cli.files;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/**
 * Which file, and which state of its content, as far as the file system tells. Immutable.
 *
 * @param fileKey device and inode
 * @param size in bytes
 * @param modified when the content was last changed
 */
record FileVersion(Object fileKey, long size, FileTime modified) {
    /**
     * Younger than this, a file may be changed once more without its modification time showing it: clocks of file systems tick
     * in steps of up to two seconds (FAT), and the kernel's by some milliseconds.
     */
    private static final Duration SETTLING = Duration.ofSeconds(2);

    static FileVersion of(BasicFileAttributes attributes) {
        return new FileVersion(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    }

    /** Returns whether an equal version, seen later, means equal content. */
    boolean isSettled(Instant now) {
        return fileKey != null && !modified.toInstant().isAfter(now.minus(SETTLING));
    }
}
