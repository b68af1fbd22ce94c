package dev.sluice.cli.files;

import dev.sluice.proto.files.v1.FileMessageServiceGrpc;
import dev.sluice.proto.files.v1.GetFileRequest;
import dev.sluice.proto.files.v1.GetFileResponse;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutFileRequest;
import dev.sluice.proto.files.v1.PutFileResponse;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.stream.BlockingMethods;
import dev.sluice.proto.stream.ItemReader;
import dev.sluice.proto.stream.MessageReceiver;
import dev.sluice.proto.stream.MessageSender;
import dev.sluice.proto.stream.MessageStreamException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The files of a {@link FileServer} as messages of gRPC. Thread-safe. */
final class FileMessageServer extends FileMessageServiceGrpc.FileMessageServiceImplBase {
    private final FileRoot root;
    private final boolean durable;
    private final Checksums checksums;
    private final ActiveCalls calls;
    private final BlockingMethods methods;

    /** @param threads what methods run on */
    FileMessageServer(FileRoot root, boolean durable, Checksums checksums, ActiveCalls calls, Executor threads) {
        this.root = root;
        this.durable = durable;
        this.checksums = checksums;
        this.calls = calls;
        this.methods = new BlockingMethods(threads);
    }

    @Override
    public void getFile(GetFileRequest request, StreamObserver<GetFileResponse> responses) {
        methods.<GetFileResponse>serverStreaming(responses, sender -> {
            calls.begin();
            try {
                send(request, sender);
            } finally {
                calls.end();
            }
        });
    }

    @Override
    public StreamObserver<PutFileRequest> putFile(StreamObserver<PutFileResponse> response) {
        return methods.<PutFileRequest, PutFileResponse>clientStreaming(response, (requests, sender) -> {
            calls.begin();
            try {
                receive(requests, sender);
            } finally {
                calls.end();
            }
        });
    }

    private void send(GetFileRequest request, MessageSender<GetFileResponse> sender)
            throws StatusException, IOException {
        Refusal.requireDefaultRoot(request.getStorageName());
        try (RootFile file = root.open(request.getPath())) {
            Checksums.Pending checksum = checksums.begin(file, FileServer.buffersOfCall());
            FileVersion version = file.version();
            sender.send(GetFileResponse.newBuilder()
                    .setHeader(FileServer.header(version))
                    .build());
            FileMessages.send(
                    file.channel(),
                    version.size(),
                    piece -> sender.send(
                            GetFileResponse.newBuilder().setData(piece).build()),
                    Progress.NONE);
            sender.send(GetFileResponse.newBuilder()
                    .setTrailer(GetTrailer.newBuilder().setCrc32C(checksum.await()))
                    .build());
        } catch (MessageStreamException e) {
            throw e;
        } catch (IOException e) {
            throw FileServer.failed("get", request.getPath(), e);
        }
    }

    /** What is thrown here closes the part, and so deletes it, before the client hears of it. */
    private void receive(MessageReceiver<PutFileRequest> requests, MessageSender<PutFileResponse> sender)
            throws StatusException, IOException {
        ItemReader<PutFileRequest, PutRequest, PutTrailer> reader = new ItemReader<>(requests, FileMessages::part);
        PutRequest request = reader.onlyItem();
        Refusal.requireDefaultRoot(request.getStorageName());
        try (PartFile part = root.create(request.getPath(), request.getSize(), request.getOverwrite())) {
            int received = FileMessages.receive(reader, request.getSize(), part, Progress.NONE);
            requireSame(reader.footer(), received);
            part.commit(durable);
            sender.send(PutFileResponse.newBuilder()
                    .setSize(request.getSize())
                    .setCrc32C(received)
                    .build());
        } catch (MessageStreamException | ProtocolException e) {
            throw e;
        } catch (FileAlreadyExistsException e) {
            throw Refusal.exists(request.getPath());
        } catch (IOException e) {
            throw FileServer.failed("put", request.getPath(), e);
        }
    }

    private static void requireSame(Optional<PutTrailer> trailer, int received)
            throws StatusException, ProtocolException {
        int sent = trailer.filter(PutTrailer::hasCrc32C)
                .orElseThrow(() -> new ProtocolException("no trailer with the checksum"))
                .getCrc32C();
        if (sent != received) {
            throw Status.DATA_LOSS
                    .withDescription(ChecksumText.mismatch(sent, received))
                    .asException();
        }
    }
}
