package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.StatusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootRaceTest {
    private static final int ATTEMPTS = 20_000;
    private static final int SPINS = 1000;

    @TempDir
    Path directory;

    @Test
    void shouldNeverOpenAFileOutsideWhenADirectoryIsSwappedForALink() throws Exception {
        Path root = Files.createDirectories(directory.resolve("root"));
        try (var stream = Files.newDirectoryStream(root)) {
            assumeTrue(stream instanceof SecureDirectoryStream, "needs openat");
        }
        Files.createDirectories(root.resolve("d"));
        Files.writeString(root.resolve("d/file"), "inside");
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("file"), "outside");
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> swapper = CompletableFuture.runAsync(() -> swap(root, outside, stop));
        try {
            FileRoot files = FileRoot.of(root);
            int opened = 0;
            int refused = 0;
            for (int i = 0; i < ATTEMPTS; i++) {
                try (RootFile file = files.open("d/file")) {
                    ByteBuffer bytes = ByteBuffer.allocate(16);
                    file.channel().read(bytes, 0);
                    assertThat(StandardCharsets.US_ASCII.decode(bytes.flip()).toString())
                            .isEqualTo("inside");
                    opened++;
                } catch (StatusException e) {
                    refused++;
                    assertThat(e).hasMessageNotContaining(directory.toString());
                }
            }
            assertThat(opened).isPositive();
            assertThat(refused).isPositive();
        } finally {
            stop.set(true);
            swapper.join(); // throws what it threw
        }
    }

    /** Long enough for an open by path to begin in one state and to end in the other. */
    private static void spin() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
    }

    /** Makes root/d in turn a directory, and a link to another one outside. */
    private static void swap(Path root, Path outside, AtomicBoolean stop) {
        try {
            Path parked = root.resolve("parked");
            while (!stop.get()) {
                Files.move(root.resolve("d"), parked);
                Files.createSymbolicLink(root.resolve("d"), outside);
                spin();
                Files.delete(root.resolve("d"));
                Files.move(parked, root.resolve("d"));
                spin();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
