package dev.sluice.bench.file;

import dev.sluice.bench.harness.Addresses;
import dev.sluice.cli.files.FileClient;
import dev.sluice.cli.files.GrpcFileClient;
import dev.sluice.cli.files.Progress;
import dev.sluice.cli.files.RemoteFiles;
import dev.sluice.grpc.Grpc;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpcClient;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * The client of all file servers, in a process of its own: for each line {@code PEER ENDPOINT} it fetches the file once, from connect
 * to the end, and answers {@code nanoseconds bytes}.
 */
@Command(name = "file-client", description = "Fetches files as it is told on standard input.", hidden = true)
public final class FileClientCommand implements Callable<Integer> {
    private static final int READ_BYTES = 256 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final Map<String, StreamRpcClient> clients = new HashMap<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();

    @Override
    public Integer call() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            int blank = order.indexOf(' ');
            FilePeer peer = FilePeer.valueOf(order.substring(0, blank));
            String endpoint = order.substring(blank + 1);
            long begin = System.nanoTime();
            long bytes = switch (peer) {
                case SLUICE -> call(endpoint);
                case SLUICE_FILES -> getChecked(endpoint);
                case SLUICE_GRPC -> getChecked(new GrpcFileClient(channel(endpoint)));
                default -> fetch(endpoint);
            };
            System.out.println((System.nanoTime() - begin) + " " + bytes);
        }
        return 0;
    }

    private StreamRpcClient client(String endpoint) {
        return clients.computeIfAbsent(
                endpoint, uri -> StreamRpcClient.builder(Endpoint.parse(uri)).build());
    }

    /** Connects once: a channel of gRPC keeps its connection. */
    private ManagedChannel channel(String endpoint) {
        return channels.computeIfAbsent(endpoint, uri -> Grpc.channel(Endpoint.parse(uri)));
    }

    private long getChecked(String endpoint) throws IOException {
        try (FileClient files = new FileClient(client(endpoint))) {
            return getChecked(files);
        }
    }

    private static long getChecked(RemoteFiles files) throws IOException {
        return files.get(SluiceFileServiceServer.NAME, new Nowhere(), Progress.NONE)
                .bytes();
    }

    private long call(String endpoint) throws IOException {
        try (ByteStream stream = client(endpoint)
                .call(TestStreamServiceGrpc.getTestStreamMethod(), TestStreamRequest.getDefaultInstance())) {
            return readAll(stream);
        }
    }

    private long fetch(String endpoint) throws IOException {
        SocketAddress address = Addresses.parse(endpoint);
        try (SocketChannel socket = address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open()) {
            socket.connect(address);
            return readAll(socket);
        }
    }

    private long readAll(ReadableByteChannel source) throws IOException {
        long bytes = 0;
        for (int n = source.read(buffer.clear()); n >= 0; n = source.read(buffer.clear())) {
            bytes += n;
        }
        return bytes;
    }

    /** Takes everything and keeps nothing. */
    private static final class Nowhere implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) {
            int n = bytes.remaining();
            bytes.position(bytes.limit());
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // There is nothing to close.
        }
    }
}
