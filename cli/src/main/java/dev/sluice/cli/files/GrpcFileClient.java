package dev.sluice.cli.files;

import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.FileMessageServiceGrpc;
import dev.sluice.proto.files.v1.FileMessageServiceGrpc.FileMessageServiceStub;
import dev.sluice.proto.files.v1.GetFileRequest;
import dev.sluice.proto.files.v1.GetFileResponse;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutFileRequest;
import dev.sluice.proto.files.v1.PutFileResponse;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.stream.BlockingCall;
import dev.sluice.proto.stream.ItemReader;
import dev.sluice.proto.stream.MessageStreamException;
import io.grpc.Channel;
import io.grpc.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Gets and puts by messages of gRPC. What the server refuses is a {@link MessageStreamException} with its status; its failures, and those of
 * the way to it, are {@link TransportException}s.
 */
public final class GrpcFileClient implements RemoteFiles {
    /** What is no refusal. */
    private static final Set<Status.Code> FAILURES =
            Set.of(Status.Code.INTERNAL, Status.Code.DATA_LOSS, Status.Code.UNKNOWN, Status.Code.UNAVAILABLE);

    private final FileMessageServiceStub stub;

    /** @param channel stays the caller's */
    public GrpcFileClient(Channel channel) {
        this.stub = FileMessageServiceGrpc.newStub(channel);
    }

    /** A call, and the file that it brings, up to the header. */
    private record Download(
            BlockingCall<GetFileRequest, GetFileResponse> call,
            ItemReader<GetFileResponse, GetHeader, GetTrailer> file,
            GetHeader header)
            implements AutoCloseable {
        Transfer receiveInto(WritableByteChannel sink, Progress progress) throws IOException {
            int received = FileMessages.receive(file, header.getSize(), sink, progress);
            GetTrailer trailer = file.footer()
                    .filter(GetTrailer::hasCrc32C)
                    .orElseThrow(() -> new ProtocolException("no trailer with the checksum"));
            if (trailer.getCrc32C() != received) {
                throw new ProtocolException(ChecksumText.mismatch(trailer.getCrc32C(), received));
            }
            return new Transfer(header.getSize(), received);
        }

        @Override
        public void close() {
            call.close();
        }
    }

    private Download begin(String path) throws IOException {
        GetFileRequest request = GetFileRequest.newBuilder().setPath(path).build();
        BlockingCall<GetFileRequest, GetFileResponse> call =
                BlockingCall.start(responses -> stub.getFile(request, responses));
        try {
            ItemReader<GetFileResponse, GetHeader, GetTrailer> file =
                    new ItemReader<>(call.responses(), FileMessages::part);
            return new Download(call, file, file.onlyItem());
        } catch (IOException | RuntimeException e) {
            call.close();
            throw e;
        }
    }

    @Override
    public Transfer get(String path, Path target, Progress progress) throws IOException {
        LocalFile file = LocalFile.at(target);
        try (Download download = begin(path)) {
            return file.receive(part -> download.receiveInto(part, progress));
        } catch (MessageStreamException | ProtocolException | InterruptedIOException e) {
            throw failure("get '" + path + "'", e);
        } catch (IOException e) {
            throw new IOException("cannot write '" + target + "': " + Refusal.reasonOf(e), e);
        }
    }

    @Override
    public Transfer get(String path, WritableByteChannel sink, Progress progress) throws IOException {
        try (Download download = begin(path)) {
            return download.receiveInto(sink, progress);
        } catch (MessageStreamException | ProtocolException | InterruptedIOException e) {
            throw failure("get '" + path + "'", e);
        }
    }

    @Override
    public Transfer put(Path source, String path, boolean overwrite, Progress progress) throws IOException {
        try (FileChannel file = LocalFile.open(source)) {
            PutRequest header = PutRequest.newBuilder()
                    .setPath(path)
                    .setSize(file.size())
                    .setOverwrite(overwrite)
                    .build();
            try (BlockingCall<PutFileRequest, PutFileResponse> call = BlockingCall.start(stub::putFile)) {
                return put(file, header, call, progress);
            }
        } catch (MessageStreamException | ProtocolException | InterruptedIOException e) {
            throw failure("put '" + path + "'", e);
        }
    }

    private static Transfer put(
            FileChannel file, PutRequest header, BlockingCall<PutFileRequest, PutFileResponse> call, Progress progress)
            throws IOException {
        CRC32C crc = new CRC32C();
        call.requests().send(PutFileRequest.newBuilder().setHeader(header).build());
        FileMessages.send(
                file,
                header.getSize(),
                piece -> {
                    crc.update(piece.asReadOnlyByteBuffer());
                    call.requests()
                            .send(PutFileRequest.newBuilder().setData(piece).build());
                },
                progress);
        int sent = (int) crc.getValue();
        call.requests()
                .send(PutFileRequest.newBuilder()
                        .setTrailer(PutTrailer.newBuilder().setCrc32C(sent))
                        .build());
        PutFileResponse result = call.response();
        if (result.getSize() != header.getSize() || result.getCrc32C() != sent) {
            throw new ProtocolException(ChecksumText.mismatch(sent, result.getCrc32C()));
        }
        return new Transfer(result.getSize(), sent);
    }

    private static IOException failure(String what, IOException failure) {
        if (failure instanceof InterruptedIOException) {
            return new TransportException(Reason.CANCELLED, what + ": interrupted", failure);
        }
        if (failure instanceof ProtocolException) {
            return new TransportException(Reason.PROTOCOL_ERROR, what + ": " + failure.getMessage(), failure);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportException transport) {
                return new TransportException(transport.reason(), what + ": " + transport.getMessage(), failure);
            }
        }
        Status status = ((MessageStreamException) failure).status();
        return FAILURES.contains(status.getCode())
                ? new TransportException(Reason.IO_ERROR, textOf(status), failure)
                : failure;
    }

    /** The server's sentences say all. */
    private static String textOf(Status status) {
        String description = status.getDescription();
        return description == null ? "the server answered " + status.getCode() : description;
    }
}
