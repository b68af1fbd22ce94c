package dev.sluice.cli.files;

import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.files.v1.PutResult;
import dev.sluice.proto.files.v1.PutTrailer;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import dev.sluice.streamrpc.StreamRpcClient;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/** Gets and puts by StreamRPC. Failures of the server and of the way to it are {@link TransportException}s. */
public final class FileClient implements RemoteFiles, AutoCloseable {
    private static final int THREADS = 64;

    private final StreamRpcClient client;
    private final ExecutorService threads;
    private final Checksums checksums;

    /** @param client stays the caller's */
    public FileClient(StreamRpcClient client) {
        this(client, HandlerThreads.create("sluice-files", THREADS));
    }

    /** @param threads are ended with this */
    FileClient(StreamRpcClient client, ExecutorService threads) {
        this.client = Objects.requireNonNull(client, "client");
        this.threads = threads;
        this.checksums = new Checksums(threads, InstantSource.system());
    }

    @Override
    public Transfer get(String path, Path target, Progress progress) throws IOException {
        LocalFile file = LocalFile.at(target);
        try (ByteStream stream = call(path)) {
            return file.receive(part -> receive(path, stream, part, progress));
        } catch (TransportException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("cannot write '" + target + "': " + Refusal.reasonOf(e), e);
        }
    }

    @Override
    public Transfer get(String path, WritableByteChannel sink, Progress progress) throws IOException {
        try (ByteStream stream = call(path)) {
            return receive(path, stream, sink, progress);
        }
    }

    private ByteStream call(String path) throws TransportException {
        return client.call(
                FileServiceGrpc.getGetMethod(),
                GetRequest.newBuilder().setPath(path).build());
    }

    private static Transfer receive(String path, ByteStream stream, WritableByteChannel sink, Progress progress)
            throws IOException {
        try (StreamInput input = new StreamInput(stream)) {
            GetHeader header = input.message(GetHeader.parser(), "header");
            int received = input.content(header.getSize(), sink, progress);
            GetTrailer trailer = input.message(GetTrailer.parser(), "trailer with the checksum");
            if (!trailer.hasCrc32C() || trailer.getCrc32C() != received) {
                throw new TransportException(
                        Reason.PROTOCOL_ERROR, ChecksumText.mismatch(trailer.getCrc32C(), received));
            }
            return new Transfer(header.getSize(), received);
        } catch (TransportException e) {
            throw new TransportException(e.reason(), "get '" + path + "': " + e.getMessage(), e);
        }
    }

    @Override
    public Transfer put(Path source, String path, boolean overwrite, Progress progress) throws IOException {
        try (FileChannel file = LocalFile.open(source)) {
            PutRequest request = PutRequest.newBuilder()
                    .setPath(path)
                    .setSize(file.size())
                    .setOverwrite(overwrite)
                    .build();
            try (ByteStream stream = client.call(FileServiceGrpc.getPutMethod(), request)) {
                return put(file, request, stream, progress);
            }
        }
    }

    private Transfer put(FileChannel file, PutRequest request, ByteStream stream, Progress progress)
            throws IOException {
        PutAnswer answer = new PutAnswer(stream);
        watch(answer, request.getPath());
        int sent;
        try {
            Checksums.Pending checksum = checksums.begin(
                    file, request.getSize(), stream.connection().loop().group().buffers());
            ContentSender sender = new ContentSender(stream, progress, answer::hasCome);
            if (!sender.send(new byte[0], file, request.getSize(), checksum, FileClient::putTrailer)) {
                throw answer.early(request.getPath());
            }
            sent = checksum.await();
        } catch (TransportException e) {
            throw answer.refusal(request.getPath(), e);
        }
        PutResult result = answer.await(request.getPath());
        if (result.getSize() != request.getSize() || result.getCrc32C() != sent) {
            throw new TransportException(
                    Reason.PROTOCOL_ERROR,
                    "put '" + request.getPath() + "': " + ChecksumText.mismatch(sent, result.getCrc32C()));
        }
        return new Transfer(result.getSize(), sent);
    }

    private void watch(PutAnswer answer, String path) throws TransportException {
        try {
            threads.execute(answer);
        } catch (RejectedExecutionException e) {
            throw threads.isShutdown()
                    ? new TransportException(Reason.CLOSED, "put '" + path + "': this client is closed", e)
                    : new TransportException(
                            Reason.LIMIT_EXCEEDED,
                            "put '" + path + "': all " + THREADS + " threads of this client are busy with other"
                                    + " transfers; wait for one of them, or use another client",
                            e);
        }
    }

    private static PutTrailer putTrailer(int crc32c) {
        return PutTrailer.newBuilder().setCrc32C(crc32c).build();
    }

    /** Asks for size, time and, if wanted, checksum of a file. */
    public StatResponse stat(String path, boolean checksum) throws IOException {
        StatRequest request =
                StatRequest.newBuilder().setPath(path).setChecksum(checksum).build();
        try (ByteStream stream = client.call(FileServiceGrpc.getStatMethod(), request);
                StreamInput input = new StreamInput(stream)) {
            return input.message(StatResponse.parser(), "answer");
        }
    }

    /** Ends the threads of this client, once the calls are over. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
