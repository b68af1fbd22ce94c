package dev.sluice.nio.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Files sent from mappings. */
@EnabledOnOs(OS.LINUX) // says what is mapped
class FileSenderTest {
    private static final int SLICE_BYTES = 7 << 20;
    private static final long LIMIT_BYTES = 2 * FileSender.RETIRED_BYTES;

    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final RetiredMappings retired = new RetiredMappings(LIMIT_BYTES, check -> {});

    @TempDir
    Path directory;

    private SocketChannel socket;
    private SocketChannel peer;
    private FileSender sender;

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            socket = SocketChannel.open(address);
            peer = listener.accept();
        }
        Endpoint endpoint = Endpoint.unix(address.getPath());
        sender = new FileSender(
                new SocketConnection(group.next(), SocketKind.UNIX, socket, endpoint, endpoint),
                socket,
                new SendfileLease(socket),
                new FilePathChooser(List.of(FilePath.MAPPED, FilePath.COPY)),
                retired);
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        socket.close();
        retired.close();
        group.close();
    }

    @Test
    void shouldRetireWhatItHasSent() throws Exception {
        byte[] content = new byte[4 * SLICE_BYTES + 12_345];
        new Random(7).nextBytes(content);
        MappedFile file =
                new MappedFile(Files.write(directory.resolve("file"), content).toRealPath());
        CompletableFuture<Long> sent = send(file, 0, Long.MAX_VALUE);
        CRC32C received = new CRC32C();
        receive(received, () -> {});
        assertThat(sent.get(10, TimeUnit.SECONDS)).isEqualTo(content.length);
        CRC32C expected = new CRC32C();
        expected.update(content);
        assertThat(received.getValue()).isEqualTo(expected.getValue());
        assertThat(retired.waitingBytes()).isEqualTo(content.length);
        assertThat(file.mappedBytes()).isGreaterThanOrEqualTo(content.length);
        retired.close();
        assertThat(file.mappedBytes()).isZero();
    }

    @Test
    void shouldUnmapSmallFilesAtOnce() throws Exception {
        MappedFile file = MappedFile.sparse(directory.resolve("file"), SLICE_BYTES - 1);
        CompletableFuture<Long> sent = send(file, 0, Long.MAX_VALUE);
        receive(new CRC32C(), () -> {});
        assertThat(sent.get(10, TimeUnit.SECONDS)).isEqualTo(SLICE_BYTES - 1);
        assertThat(retired.waitingBytes()).isZero();
        assertThat(file.mappedBytes()).isZero();
    }

    @Test
    void shouldNotMapMoreThanTheLimitWhenAFileIsLarger() throws Exception {
        long size = 3L << 30;
        MappedFile file = MappedFile.sparse(directory.resolve("file"), size);
        CompletableFuture<Long> sent = send(file, size - 4 * LIMIT_BYTES, Long.MAX_VALUE);
        long[] most = new long[1];
        receive(new CRC32C(), () -> most[0] = Math.max(most[0], file.mappedBytes()));
        assertThat(sent.get(10, TimeUnit.SECONDS)).isEqualTo(4 * LIMIT_BYTES);
        assertThat(most[0]).isBetween(LIMIT_BYTES, LIMIT_BYTES + FileSender.RETIRED_BYTES);
        assertThat(retired.waitingBytes()).isBetween(1L, LIMIT_BYTES);
    }

    @Test
    void shouldFailAndRetireWhatIsMappedWhenTheFileIsCut() throws Exception {
        MappedFile file = MappedFile.sparse(directory.resolve("file"), 3L * SLICE_BYTES);
        CompletableFuture<Long> sent = send(file, 0, Long.MAX_VALUE);
        assertThat(peer.read(ByteBuffer.allocate(1)))
                .isEqualTo(1); // the first slice does not fit into the socket: it is mapped now
        try (FileChannel writable = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
            writable.truncate(0);
        }
        receive(new CRC32C(), () -> {});
        assertThat(sent).failsWithin(10, TimeUnit.SECONDS).withThrowableThat().withCauseInstanceOf(IOException.class);
        assertThat(retired.waitingBytes()).isEqualTo(SLICE_BYTES);
        retired.close();
        assertThat(file.mappedBytes()).isZero();
    }

    @Test
    void shouldRetireWhatIsMappedWhenTheSocketIsClosed() throws Exception {
        MappedFile file = MappedFile.sparse(directory.resolve("file"), 3L * SLICE_BYTES);
        CompletableFuture<Long> sent = send(file, 0, Long.MAX_VALUE);
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(1);
        socket.close();
        assertThat(sent).failsWithin(10, TimeUnit.SECONDS).withThrowableThat().withCauseInstanceOf(IOException.class);
        assertThat(retired.waitingBytes()).isEqualTo(SLICE_BYTES);
        retired.close();
        assertThat(file.mappedBytes()).isZero();
    }

    // ---------------------------------------------------------------- what these tests use

    /** Sends on a thread of its own, and then closes the socket. */
    private CompletableFuture<Long> send(MappedFile file, long position, long count) {
        CompletableFuture<Long> sent = new CompletableFuture<>();
        SocketChannel sending = socket;
        Thread thread = new Thread(() -> {
            try (sending;
                    FileChannel source = file.open()) {
                sent.complete(sender.send(source, position, count));
            } catch (IOException | RuntimeException e) {
                sent.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return sent;
    }

    private interface Look {
        void look() throws IOException;
    }

    /** Receives all, looking now and then. */
    private void receive(CRC32C checksum, Look look) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        while (peer.read(buffer.clear()) >= 0) {
            checksum.update(buffer.flip());
            look.look();
        }
    }
}
