package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.BufferPool;
import io.grpc.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {
    private static final Instant MODIFIED = Instant.ofEpochSecond(1_700_000_000);
    private static final String BEFORE = "before";
    private static final String AFTER = "after!"; // as long

    @TempDir
    Path directory;

    private final BufferPool buffers = BufferPool.builder().build();

    private int checksum(Checksums checksums) throws IOException, StatusException {
        try (RootFile file = FileRoot.of(directory).open("file")) {
            return checksums.of(file, buffers);
        }
    }

    private void write(String content, Instant modified) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), content);
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }

    private static int crc32c(String content) {
        CRC32C crc = new CRC32C();
        crc.update(content.getBytes(StandardCharsets.US_ASCII));
        return (int) crc.getValue();
    }

    private static Checksums at(Instant now) {
        return new Checksums(Runnable::run, InstantSource.fixed(now));
    }

    @Test
    void shouldRememberWhenTheFileHasSettled() throws Exception {
        Checksums checksums = at(MODIFIED.plusSeconds(2));
        write(BEFORE, MODIFIED);
        assertThat(checksum(checksums)).isEqualTo(crc32c(BEFORE));

        write(AFTER, MODIFIED); // nobody can see this from outside: so we see that the first was remembered

        assertThat(checksum(checksums)).isEqualTo(crc32c(BEFORE));
    }

    @Test
    void shouldNotRememberWhenTheFileIsYoung() throws Exception {
        Checksums checksums = at(MODIFIED.plusMillis(1999));
        write(BEFORE, MODIFIED);
        assertThat(checksum(checksums)).isEqualTo(crc32c(BEFORE));

        write(AFTER, MODIFIED);

        assertThat(checksum(checksums)).isEqualTo(crc32c(AFTER));
    }

    @Test
    void shouldComputeAnewWhenTheModificationTimeDiffers() throws Exception {
        Checksums checksums = at(MODIFIED.plusSeconds(60));
        write(BEFORE, MODIFIED);
        assertThat(checksum(checksums)).isEqualTo(crc32c(BEFORE));

        write(AFTER, MODIFIED.plusNanos(1000));

        assertThat(checksum(checksums)).isEqualTo(crc32c(AFTER));
    }

    @Test
    void shouldComputeOnTheCallersThreadWhenNoOtherIsFree() throws Exception {
        Executor busy = task -> {
            throw new RejectedExecutionException("busy");
        };
        write(BEFORE, MODIFIED);
        try (RootFile file = FileRoot.of(directory).open("file")) {
            Checksums.Pending pending = new Checksums(busy, InstantSource.system()).begin(file, buffers);

            assertThat(pending.await()).isEqualTo(crc32c(BEFORE));
        }
        assertThat(buffers.outstandingBytes()).isZero();
    }

    @Test
    void shouldForgetTheEldestWhenThereAreTooMany() throws Exception {
        Checksums checksums = at(MODIFIED.plusSeconds(60));
        write(BEFORE, MODIFIED);
        checksum(checksums);
        write(AFTER, MODIFIED);
        for (int i = 0; i < Checksums.MAX_REMEMBERED; i++) {
            Path other = Files.createFile(directory.resolve("other" + i));
            Files.setLastModifiedTime(other, FileTime.from(MODIFIED));
            try (RootFile file = FileRoot.of(directory).open("other" + i)) {
                checksums.of(file, buffers);
            }
        }

        assertThat(checksum(checksums)).isEqualTo(crc32c(AFTER));
    }
}
