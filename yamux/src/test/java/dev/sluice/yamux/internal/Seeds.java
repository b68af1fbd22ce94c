package dev.sluice.yamux.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What fuzzing starts from: files of hexadecimal text, in which {@code #} begins a comment. */
final class Seeds {
    private static final Path ROOT = Path.of("src/test/resources/dev/sluice/yamux/internal/seeds");

    private Seeds() {}

    /** Returns what the files of one folder say. */
    static Stream<byte[]> in(String folder) throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            return files.sorted().map(Seeds::read).toList().stream();
        }
    }

    static byte[] read(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return Hex.bytes(lines.map(line -> line.replaceFirst("#.*", "")).collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
