package dev.sluice.tls;

import static dev.sluice.tls.TestKeys.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are written while they are read. */
class WatchedSourceTest {
    @TempDir
    Path folder;

    /** What happens each time that the files' attributes are asked for, and so between two readings. */
    private final Deque<Runnable> meanwhile = new ArrayDeque<>();

    private int asked;

    private WatchedSource watched() throws IOException {
        install("ec.crt", "server.crt");
        install("ec-pkcs8.key", "server.key");
        return new WatchedSource(
                IdentitySource.pem(folder.resolve("server.crt"), folder.resolve("server.key")), files -> {
                    asked++;
                    boolean quiet = meanwhile.isEmpty();
                    if (!quiet) {
                        meanwhile.remove().run();
                    }
                    return List.of(quiet ? "quiet" : "written " + asked);
                });
    }

    private void install(String from, String to) {
        try {
            Files.copy(file(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldReadAgainWhenTheFilesChangeWhileTheyAreRead() throws IOException {
        WatchedSource source = watched();
        meanwhile.add(() -> install("rsa.crt", "server.crt"));
        meanwhile.add(() -> install("rsa-pkcs8.key", "server.key"));

        assertThat(source.check(Instant.EPOCH)).isEqualTo(WatchedSource.Finding.RELOADED);

        assertThat(source.failure()).isEmpty();
        assertThat(source.identity().names()).containsExactly("rsa.example.org");
    }

    @Test
    void shouldTakeTheFilesAsTheyAreWhenTheyNeverRest() throws IOException {
        WatchedSource source = watched();
        asked = 0;
        for (int times = 0; times < 10; times++) {
            meanwhile.add(() -> install("rsa.crt", "server.crt"));
        }

        assertThat(source.check(Instant.EPOCH)).isEqualTo(WatchedSource.Finding.FAILED);

        assertThat(asked)
                .as("once before, and once after each of three readings")
                .isEqualTo(4);
        assertThat(source.failure()).isPresent();
        assertThat(source.identity().names()).contains("ec.example.org");
    }
}
