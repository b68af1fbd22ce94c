package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.TransportException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketPathTest {
    @TempDir
    Path directory;

    @Test
    void shouldRefuseToListenWhenNobodyCouldConnectToThePath() {
        Path path = directory.resolve("x".repeat(120));
        try (EventLoopGroup group = EventLoopGroup.of(1)) {
            assertThatThrownBy(() -> group.listen(Endpoint.unix(path), connection -> {
                        throw new IllegalStateException("nobody connects");
                    }))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("too long")
                    .hasMessageContaining("choose a shorter one");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldSayThatTheDirectoryIsMissingWhenItIs() {
        Path path = directory.resolve("missing").resolve("s");
        try (EventLoopGroup group = EventLoopGroup.of(1)) {
            assertThatThrownBy(() -> group.listen(Endpoint.unix(path), connection -> {
                        throw new IllegalStateException("nobody connects");
                    }))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("does the directory exist?");
        }
    }
}
