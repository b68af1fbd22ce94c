package dev.sluice.samples;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.grpc.Sidechannel;
import dev.sluice.grpc.SidechannelRegistry;
import dev.sluice.grpc.SidechannelWaiter;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.FileServiceGrpc.FileServiceImplBase;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A download inside a running call: tells of a file, and sends it by the sidechannel to clients that offer one. What the file is to be
 * comes as the call's answer, and so does what goes wrong.
 */
public final class StatWithFile extends FileServiceImplBase {
    private final Path directory;

    StatWithFile(Path directory) {
        this.directory = directory;
    }

    static SluiceServer start(Endpoint endpoint, Path directory) throws IOException {
        return SluiceServer.builder()
                .listen(endpoint)
                .protocol(Grpc.serve(b -> b.addService(new StatWithFile(directory))))
                .protocol(Backchannel.serve(new PeerRegistry()))
                .start();
    }

    @Override
    public void stat(StatRequest request, StreamObserver<StatResponse> done) {
        Path path = directory.resolve(request.getPath());
        if (!directory.equals(path.getParent()) || !Files.isRegularFile(path)) {
            done.onError(Status.NOT_FOUND
                    .withDescription("no such file: " + request.getPath())
                    .asException());
            return;
        }
        try (FileChannel file = FileChannel.open(path)) {
            if (Sidechannel.isOffered()) {
                try (ByteStream stream = Sidechannel.open()) {
                    stream.transferFrom(file, 0, file.size());
                }
            }
            done.onNext(StatResponse.newBuilder()
                    .setSize(file.size())
                    .setCrc32C(FileDownload.crc32c(path))
                    .build());
            done.onCompleted();
        } catch (IOException e) {
            done.onError(Status.UNAVAILABLE
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asException());
        }
    }

    /** Returns how many bytes the file has, which is then at {@code target}. */
    static long download(Channel channel, SidechannelRegistry sidechannels, String path, Path target)
            throws IOException {
        Path part = Files.createTempFile(target.toAbsolutePath().getParent(), "download", ".part");
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
            StatResponse answer;
            try (SidechannelWaiter waiter =
                    sidechannels.register(stream -> stream.transferTo(file, 0, Long.MAX_VALUE))) {
                answer = FileServiceGrpc.newBlockingStub(channel)
                        .withInterceptors(waiter)
                        .stat(StatRequest.newBuilder().setPath(path).build()); // throws if the call failed
            } // the callback has returned, or has failed
            if (file.size() != answer.getSize() || FileDownload.crc32c(part) != answer.getCrc32C()) {
                throw new IOException("what arrived of '" + path + "' is not what was sent");
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING); // complete, or not at all
            return answer.getSize();
        } finally {
            Files.deleteIfExists(part);
        }
    }

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("sample");
        Files.writeString(directory.resolve("file"), "hello");
        SidechannelRegistry sidechannels = new SidechannelRegistry();
        try (SluiceServer server = start(Endpoint.parse("tcp://127.0.0.1:0"), directory)) {
            Endpoint multiplexed = Backchannel.client(server.endpoints().get(0), () -> List.of(sidechannels));
            ManagedChannel channel = Grpc.channel(multiplexed);
            try {
                long size = download(channel, sidechannels, "file", directory.resolve("got"));
                System.out.println(size + " bytes: " + Files.readString(directory.resolve("got")));
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
