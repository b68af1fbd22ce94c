package dev.sluice.tls.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells whether files are still what they were. */
public final class Fingerprint {
    private Fingerprint() {}

    /** Returns a text that is the same for the same contents, and for no others (SHA-256). */
    public static String ofContents(List<byte[]> contents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] content : contents) {
                // With the length, or moving a byte from one file to the next would change nothing.
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, content.length));
                digest.update(content);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Returns a text for each file that changes when somebody writes or replaces it: size, time and identity of the file behind all
     * links.
     */
    public static List<String> ofAttributes(List<Path> files) {
        return files.stream().map(Fingerprint::attributes).toList();
    }

    private static String attributes(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
        } catch (IOException e) {
            // Reading the file says what is wrong.
            return "unreadable";
        }
    }
}
