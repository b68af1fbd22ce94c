package dev.sluice.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Connection;
import dev.sluice.nio.ConnectionHandler;
import dev.sluice.nio.EventLoop;
import dev.sluice.nio.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What one test of the contract works with: loops, pairs of connections, files. Ends with the proof that nothing leaked. */
public final class ContractHarness implements AutoCloseable {
    /** Makes pairs of connections; this is what a transport brings. */
    @FunctionalInterface
    interface PairMaker {
        void connect(EventLoopGroup group, EventLoop loop, ConnectionHandler connected, ConnectionHandler accepted)
                throws Exception;
    }

    private final BufferPool buffers = BufferPool.builder().leakTracking(true).build();
    private final EventLoopGroup group =
            EventLoopGroup.builder().loops(2).name("contract").buffers(buffers).build();
    private final PairMaker pairMaker;
    private final Set<Capability> capabilities;
    private final List<Connection> connections = new ArrayList<>();
    private final List<ByteStream> streams = new ArrayList<>();
    private Path directory;

    ContractHarness(PairMaker pairMaker, Set<Capability> capabilities) {
        this.pairMaker = pairMaker;
        this.capabilities = capabilities;
    }

    /** Skips the test if the transport cannot do this. */
    void assume(Capability capability) {
        assumeTrue(capabilities.contains(capability), () -> "the transport cannot " + capability);
    }

    boolean can(Capability capability) {
        return capabilities.contains(capability);
    }

    EventLoopGroup group() {
        return group;
    }

    BufferPool buffers() {
        return buffers;
    }

    /** Returns a new pair whose handlers read all there is. */
    ConnectionPair open() throws Exception {
        return open(new Recorder(), new Recorder());
    }

    /** Returns a new pair with these handlers. */
    ConnectionPair open(Recorder client, Recorder server) throws Exception {
        return open(group.next(), client, server);
    }

    /** Returns a new pair with these handlers, the client on a given loop. */
    ConnectionPair open(EventLoop loop, Recorder client, Recorder server) throws Exception {
        pairMaker.connect(group, loop, client, server);
        Side clientSide = new Side(client.awaitAttached(), client);
        Side serverSide = new Side(server.awaitAttached(), server);
        connections.add(clientSide.connection());
        connections.add(serverSide.connection());
        return new ConnectionPair(clientSide, serverSide);
    }

    /** Has a stream closed after the test, as whoever took it must. */
    ByteStream closedAfterwards(ByteStream stream) {
        streams.add(stream);
        return stream;
    }

    /** Returns a file with the bytes of {@code payload}, open for reading and writing. */
    FileChannel file(Payload payload) throws IOException {
        FileChannel file = newFile();
        ByteBuffer piece = ByteBuffer.allocateDirect(1 << 20);
        for (long at = 0; at < payload.length(); ) {
            payload.fill(at, piece.clear());
            piece.flip();
            while (piece.hasRemaining()) {
                at += file.write(piece, at);
            }
        }
        return file;
    }

    /** Returns an empty file, open for reading and writing. */
    FileChannel newFile() throws IOException {
        return FileChannel.open(
                Files.createTempFile(directory(), "contract", ".bin"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Returns the checksum of a part of a file. */
    static String sha256(FileChannel file, long from, long to) throws IOException {
        var digest = Payload.newSha256();
        ByteBuffer piece = ByteBuffer.allocate(1 << 20);
        for (long at = from; at < to; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), to - at));
            int n = file.read(piece, at);
            assertThat(n).as("bytes of the file at %s", at).isPositive();
            digest.update(piece.flip());
            at += n;
        }
        return Payload.hex(digest);
    }

    private Path directory() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("contract");
        }
        return directory;
    }

    /** Closes all connections, checks that no buffer is lent, ends the loops, checks again. */
    @Override
    public void close() throws IOException {
        streams.forEach(ByteStream::close);
        for (Connection connection : connections) {
            closeOnLoop(connection);
        }
        requireNoBufferLent("after all connections were closed");
        group.close();
        requireNoBufferLent("after the loops ended");
        if (directory != null) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(ContractHarness::delete);
            }
        }
    }

    @SuppressWarnings("EmptyCatch") // the loop ended with its test: then it closed the connection
    private static void closeOnLoop(Connection connection) {
        try {
            connection.loop().execute(connection::close);
        } catch (java.util.concurrent.RejectedExecutionException e) {
            // as said above
        }
    }

    private void requireNoBufferLent(String when) {
        try {
            Waiting.until(
                    "no buffer lent " + when,
                    () -> buffers.outstandingBytes() == 0
                            && buffers.outstanding().isEmpty());
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            AssertionError leaked =
                    new AssertionError(buffers.outstandingBytes() + " bytes of buffers lent " + when, e);
            buffers.outstanding().forEach(leaked::addSuppressed);
            throw leaked;
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
