package dev.sluice.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.tls.Identity;
import dev.sluice.tls.Tls;
import dev.sluice.tls.Trust;
import io.grpc.Status;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every client of the files promises. */
abstract class RemoteFilesContract {
    private static final Identity IDENTITY = Identity.selfSigned("localhost");
    private static final Tls TRUSTING = Tls.clientBuilder()
            .trust(Trust.of(IDENTITY.certificate()))
            .serverName("localhost")
            .build();

    @TempDir
    Path directory;

    private Path root;
    private FileServer files;
    private SluiceServer server;

    @BeforeEach
    void serve() throws IOException {
        root = Files.createDirectories(directory.resolve("root"));
        Files.createDirectories(root.resolve("dir"));
        Files.writeString(root.resolve("dir/file"), "within");
        Files.writeString(directory.resolve("secret"), "outside");
        files = FileServer.of(FileRoot.of(root));
        server = SluiceServer.builder()
                .listen(Endpoint.tcp("127.0.0.1", 0))
                .listen(Endpoint.unix(directory.resolve("s")))
                .listen(Endpoint.memory(directory.toString()))
                .listen(Endpoint.tcp("127.0.0.1", 0).with(Tls.server(IDENTITY)))
                .listen(Endpoint.unix(directory.resolve("t")).with(Tls.server(IDENTITY)))
                .protocol(StreamRpc.serve(s -> s.addService(files)))
                .protocol(Grpc.serve(b -> files.overGrpc().forEach(b::addService)))
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        closeClients();
        server.close();
        files.close();
    }

    /** Returns a new client. */
    abstract RemoteFiles connect(Endpoint endpoint);

    abstract void closeClients() throws Exception;

    abstract Status.Code codeOfRefusal(Throwable failure);

    interface Call {
        Object run() throws IOException;
    }

    /** Returns all ways to read a file. */
    List<Call> readingCalls(String path) {
        return List.of(() -> client().get(path, directory.resolve("target"), Progress.NONE));
    }

    final RemoteFiles client(int wire) {
        Endpoint endpoint = server.endpoints().get(wire);
        return connect(endpoint.scheme().startsWith("tls") ? endpoint.with(TRUSTING) : endpoint);
    }

    final Endpoint address() {
        return server.endpoints().get(0);
    }

    final Path root() {
        return root;
    }

    final RemoteFiles client() {
        return client(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void shouldMoveFilesOfEverySizeBothWays(int wire) throws IOException {
        for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 9_000_000}) {
            byte[] content = new byte[size];
            new Random(size).nextBytes(content);
            Path source = Files.write(directory.resolve("source"), content);
            Path target = directory.resolve("target");

            Transfer put = client(wire).put(source, "dir/put", true, Progress.NONE);
            Transfer got = client(wire).get("dir/put", target, Progress.NONE);

            assertThat(root.resolve("dir/put")).hasBinaryContent(content);
            assertThat(target).hasBinaryContent(content);
            assertThat(put).isEqualTo(got).isEqualTo(new Transfer(size, crc32c(content)));
        }
        assertNoParts();
    }

    @ParameterizedTest
    @CsvSource({
        "nope, NOT_FOUND",
        "nope/file, NOT_FOUND",
        "dir/file/below, NOT_FOUND",
        "dir, FAILED_PRECONDITION",
        "fifo, FAILED_PRECONDITION",
        "fifo/below, NOT_FOUND",
        "out, PERMISSION_DENIED",
        "outdir/secret, PERMISSION_DENIED",
        "absolute-out, PERMISSION_DENIED",
        "dir/up-and-out, PERMISSION_DENIED",
        "loop, FAILED_PRECONDITION",
        "'', INVALID_ARGUMENT",
        "/etc/passwd, INVALID_ARGUMENT",
        "../secret, INVALID_ARGUMENT",
        "dir/../../secret, INVALID_ARGUMENT",
        "dir//file, INVALID_ARGUMENT",
        "./dir/file, INVALID_ARGUMENT",
        "dir/, INVALID_ARGUMENT"
    })
    void shouldRefuseAndTouchNothingWhenThePathIsBad(String path, Status.Code code) throws Exception {
        layTraps();
        List<Path> before = everything();

        for (Call call : readingCalls(path)) {
            assertRefused(code, call);
        }
        if (!path.equals("nope")) { // which is a fine name for a new file
            Path source = Files.writeString(directory.resolve("source"), "source");
            assertRefused(code, () -> client().put(source, path, true, Progress.NONE));
            Files.delete(source);
        }

        assertThat(everything()).isEqualTo(before);
        assertThat(directory.resolve("secret")).hasContent("outside");
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "dirlink/file", "absolute", "dir/up/dir/file", "dir/self/file"})
    void shouldFollowLinksThatStayInside(String path) throws Exception {
        layTraps();
        Path target = directory.resolve("target");

        client().get(path, target, Progress.NONE);

        assertThat(target).hasContent("within");
    }

    private void layTraps() throws Exception {
        int made = new ProcessBuilder("mkfifo", root.resolve("fifo").toString())
                .start()
                .waitFor();
        assumeTrue(made == 0, "needs mkfifo");
        link("out", Path.of("../secret"));
        link("outdir", Path.of(".."));
        link("absolute-out", directory.resolve("secret"));
        link("dir/up-and-out", Path.of("../../secret"));
        link("loop", Path.of("loop"));
        link("link", Path.of("dir/file"));
        link("dirlink", Path.of("dir"));
        link("absolute", root.toRealPath().resolve("dir/file"));
        link("dir/up", Path.of(".."));
        link("dir/self", Path.of("."));
    }

    private void link(String name, Path target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), target);
    }

    @Test
    void shouldLeaveAFileAloneWhenPutMustNotOverwrite() throws IOException {
        Path source = Files.writeString(directory.resolve("source"), "source");

        assertRefused(Status.Code.ALREADY_EXISTS, () -> client().put(source, "dir/file", false, Progress.NONE));

        assertThat(root.resolve("dir/file")).hasContent("within");
    }

    @Test
    void shouldRefuseAtOnceWhenThereCannotBeRoom() throws IOException {
        Path sparse = directory.resolve("sparse");
        try (var file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(1L << 43);
        } catch (IOException e) {
            assumeTrue(false, "needs a file system with sparse files of 8 TiB");
        }

        assertRefused(Status.Code.RESOURCE_EXHAUSTED, () -> client().put(sparse, "big", true, Progress.NONE));
        assertThat(root.resolve("big")).doesNotExist();
    }

    @Test
    void shouldReplaceTheFileThatALinkPointsToWhenGettingIntoALink() throws IOException {
        Path real = Files.writeString(directory.resolve("real"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("target-link"), Path.of("real"));

        client().get("dir/file", link, Progress.NONE);

        assertThat(real).hasContent("within");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void shouldReportProgressUpToTheEnd() throws IOException {
        Files.write(root.resolve("big"), new byte[1_000_000]);
        List<Long> seen = new ArrayList<>();

        client().get("big", directory.resolve("target"), (done, total) -> {
            assertThat(total).isEqualTo(1_000_000);
            seen.add(done);
        });

        assertThat(seen).isSorted().startsWith(0L).endsWith(1_000_000L);
    }

    private void assertRefused(Status.Code code, Call call) {
        assertThatThrownBy(call::run)
                .satisfies(e -> assertThat(codeOfRefusal(e)).as(e.getMessage()).isEqualTo(code));
    }

    private List<Path> everything() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.sorted().toList();
        }
    }

    private void assertNoParts() throws IOException {
        assertThat(everything()).noneMatch(file -> file.toString().endsWith(".part"));
    }

    static int crc32c(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }
}
