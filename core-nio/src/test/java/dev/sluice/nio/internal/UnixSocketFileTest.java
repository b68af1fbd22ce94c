package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.nio.Connection;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.nio.Listener;
import dev.sluice.nio.PeerCredentials;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnixSocketFileTest {
    @TempDir
    Path directory;

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final List<Collector> accepted = new ArrayList<>();
    private Path path;

    @BeforeEach
    void choosePath() {
        path = directory.resolve("app.sock");
    }

    @AfterEach
    void close() {
        group.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'', rw-------",
        "0660, rw-rw----",
        "600, rw-------",
        "0777, rwxrwxrwx",
        "0421, r---w---x",
        "000, ---------"
    })
    void shouldMakeTheFileWithTheMode(String mode, String expected) throws Exception {
        Endpoint endpoint = Endpoint.unix(path);
        try (Listener listener = listen(mode.isEmpty() ? endpoint : endpoint.withOption("mode", mode))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(expected);
            assertThat(listener.endpoint().name()).isEqualTo(path.toString());
            assertOnlyTheSocketIsThere();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldListenAtARelativePath() throws Exception {
        Path relative = Path.of("").toAbsolutePath().relativize(path.toAbsolutePath());
        try (Listener listener = listen(Endpoint.unix(relative))) {
            roundTrip(listener.endpoint());
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldReplaceAFileThatADeadServerLeftBehind() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        try (Listener listener = listen(Endpoint.unix(path))) {
            roundTrip(listener.endpoint());
            assertOnlyTheSocketIsThere();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldRefuseThePathOfALiveServer() throws Exception {
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path));
            Object before = fileKey(path);
            assertRefused("another server listens there");
            assertThat(fileKey(path)).isEqualTo(before);
        }
    }

    @Test
    void shouldRefuseThePathOfALiveServerThatIsTooBusyToAnswer() throws Exception {
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            fillBacklog(path, waiting);
            assertRefused("another server listens there");
        } finally {
            for (SocketChannel client : waiting) {
                client.close();
            }
        }
    }

    static void fillBacklog(Path path, List<SocketChannel> waiting) throws IOException {
        boolean taken = true;
        while (taken) {
            SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.add(client);
            client.configureBlocking(false);
            try {
                taken = client.connect(UnixDomainSocketAddress.of(path));
            } catch (SocketException e) {
                taken = false; // EAGAIN
            }
        }
    }

    @Test
    void shouldLeaveAFileAloneThatIsNoSocket() throws Exception {
        Files.writeString(path, "precious");
        assertRefused("a file that is no socket is there");
        assertThat(path).hasContent("precious");
    }

    @Test
    void shouldLeaveADirectoryAlone() throws Exception {
        Files.createDirectory(path);
        assertRefused("a file that is no socket is there");
        assertThat(path).isDirectory();
    }

    @Test
    void shouldLeaveAPipeAlone() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        Object before = fileKey(path);
        assertRefused("a file that is no socket is there");
        assertThat(fileKey(path)).isEqualTo(before);
    }

    @Test
    void shouldLeaveALinkAlone() throws Exception {
        Path target = directory.resolve("target");
        Files.createSymbolicLink(path, target);
        assertRefused("a file that is no socket is there");
        assertThat(path).isSymbolicLink();
        assertThat(target).doesNotExist();
    }

    @Test
    void shouldNotDeleteAFileThatSomebodyElsePutThere() throws Exception {
        Listener first = listen(Endpoint.unix(path));
        Files.delete(path);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            first.close();
            assertThat(path).exists();
        }
    }

    @Test
    void shouldCloseWhenTheFileIsGoneAlready() throws Exception {
        Listener listener = listen(Endpoint.unix(path));
        Files.delete(path);
        listener.close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldDeleteTheFileWhenTheGroupWasClosedFirst() throws Exception {
        Listener listener = listen(Endpoint.unix(path));
        group.close();
        listener.close();
        assertThat(directory).isEmptyDirectory();
    }

    /** 107 bytes, says unix(7); the JDK leaves one of them free. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 12})
    void shouldListenAtTheLongestPathThatThereIs(int nameLength) throws Exception {
        Path deep = directoryOfLength(106 - 1 - nameLength);
        Path longest = deep.resolve("s".repeat(nameLength));
        assertThat(longest.toString()).hasSize(106);
        try (Listener listener = listen(Endpoint.unix(longest))) {
            roundTrip(listener.endpoint());
        }
        assertThat(deep).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 12})
    void shouldSayInOneLineThatThePathIsTooLong(int nameLength) throws Exception {
        path = directoryOfLength(107 - 1 - nameLength).resolve("s".repeat(nameLength));
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> listen(Endpoint.unix(path)))
                .withMessageContaining(path.toString())
                .withMessageContaining("too long; a socket path has at most 106 bytes on Linux")
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @Test
    void shouldLeaveNothingBehindWhenTheDirectoryIsMissing() {
        path = directory.resolve("missing").resolve("s");
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> listen(Endpoint.unix(path)))
                .withMessageContaining("does the directory exist?")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.IO_ERROR)); // not as of a connect
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldTellBothSidesWhoThePeerIs() throws Exception {
        try (Listener listener = listen(Endpoint.unix(path))) {
            Collector client = roundTrip(listener.endpoint());
            String user = Files.getOwner(path).getName();
            for (Connection side : List.of(client.connection(), accepted.get(0).connection())) {
                assertThat(side.peerCredentials()).map(PeerCredentials::user).contains(user);
                assertThat(side.peerCredentials())
                        .map(PeerCredentials::group)
                        .get()
                        .isNotEqualTo("");
            }
        }
    }

    // ---------------------------------------------------------------- what these tests use

    private Listener listen(Endpoint endpoint) throws TransportException {
        return group.listen(endpoint, connection -> {
            Collector handler = Collector.echoing();
            accepted.add(handler);
            return handler;
        });
    }

    private Collector roundTrip(Endpoint endpoint) throws Exception {
        Collector client = Collector.silent();
        group.connect(endpoint, client, Duration.ofSeconds(10));
        client.roundTrip();
        return client;
    }

    private void assertRefused(String why) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> listen(Endpoint.unix(path)).close())
                .withMessageContaining(path.toString())
                .withMessageContaining(why)
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(Reason.ADDRESS_IN_USE);
                    assertThat(e.getMessage()).hasLineCount(1);
                });
    }

    private void assertOnlyTheSocketIsThere() throws IOException {
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }

    private Path directoryOfLength(int length) throws IOException {
        int missing = length - directory.toString().length() - 1;
        org.junit.jupiter.api.Assumptions.assumeTrue(missing > 0, "the temporary directory's own path is too long");
        return Files.createDirectory(directory.resolve("d".repeat(missing)));
    }

    private static Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }
}
