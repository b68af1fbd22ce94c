package dev.sluice.cli.files;

/**
 * A file that was moved completely. Immutable.
 *
 * @param bytes its size
 * @param crc32c its checksum, found equal on both ends
 */
public record Transfer(long bytes, int crc32c) {}
