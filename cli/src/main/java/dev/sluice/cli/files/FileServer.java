package dev.sluice.cli.files;

import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
import dev.sluice.mux.CallAttributes;
import dev.sluice.mux.HandlerThreads;
import dev.sluice.nio.BufferPool;
import dev.sluice.nio.ByteStream;
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
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * Serves the files below a root, as {@code files.proto} says. A service of StreamRPC, and as far as {@link #overGrpc} goes of gRPC.
 *
 * <p><b>Threading:</b> thread-safe. Calls block their threads, on the disk and on the peer.
 */
public final class FileServer extends FileServiceGrpc.FileServiceImplBase implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileServer.class.getName());
    /** For how long a client may go on sending after its put has failed, to see why. */
    private static final Duration DISCARD_LIMIT = Duration.ofSeconds(10);
    /** Calls end when their connections do; then they have no more than a temporary file to delete. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final int CHECKSUM_THREADS = 64;

    private final FileRoot root;
    private final boolean durable;
    private final ExecutorService threads;
    private final ExecutorService messageThreads;
    private final Checksums checksums;
    private final ActiveCalls calls = new ActiveCalls();

    private FileServer(FileRoot root, boolean durable, InstantSource clock) {
        this.root = root;
        this.durable = durable;
        this.threads = HandlerThreads.create("sluice-checksum", CHECKSUM_THREADS);
        this.messageThreads = HandlerThreads.create("sluice-file-messages", HandlerThreads.DEFAULT_MAX_THREADS);
        this.checksums = new Checksums(threads, clock);
    }

    /** Returns a server of the files below {@code root}, which reports a file as stored once it is on the disk. */
    public static FileServer of(FileRoot root) {
        return new FileServer(root, true, InstantSource.system());
    }

    /** As {@link #of}, but leaves it to the system when stored files get to the disk: for data that a crash may take. */
    public static FileServer withoutSync(FileRoot root) {
        return new FileServer(root, false, InstantSource.system());
    }

    /** Returns the services for gRPC: what of this is unary, and the same files as streams of messages. They end when this is closed. */
    public List<ServerServiceDefinition> overGrpc() {
        return List.of(
                new UnaryFileServer(this).bindService(),
                new FileMessageServer(root, durable, checksums, calls, messageThreads).bindService());
    }

    /** What a method does. */
    private interface Call<R> {
        R run() throws StatusException, IOException;
    }

    @Override
    public void get(GetRequest request, StreamObserver<Empty> done) {
        serve("get", request.getStorageName(), request.getPath(), done, () -> {
            get(request.getPath());
            return Empty.getDefaultInstance();
        });
    }

    @Override
    public void put(PutRequest request, StreamObserver<Empty> done) {
        serve("put", request.getStorageName(), request.getPath(), done, () -> {
            put(request);
            return Empty.getDefaultInstance();
        });
    }

    @Override
    public void stat(StatRequest request, StreamObserver<StatResponse> done) {
        serve("stat", request.getStorageName(), request.getPath(), done, () -> stat(request));
    }

    /** The same without a stream. */
    void stat(StatRequest request, BufferPool buffers, StreamObserver<StatResponse> done) {
        serve("stat", request.getStorageName(), request.getPath(), done, () -> stat(request, buffers));
    }

    private <R> void serve(String what, String storageName, String path, StreamObserver<R> done, Call<R> call) {
        calls.begin();
        try {
            Refusal.requireDefaultRoot(storageName);
            done.onNext(call.run());
            done.onCompleted();
        } catch (StatusException refusal) {
            LOG.log(Level.DEBUG, () -> what + " refused: " + refusal.getMessage());
            done.onError(refusal);
        } catch (TransportException e) {
            LOG.log(Level.DEBUG, () -> what + " of '" + path + "' ended early: " + e.getMessage());
            done.onError(Status.UNAVAILABLE
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asException());
        } catch (IOException e) {
            done.onError(failed(what, path, e));
        } finally {
            calls.end();
        }
    }

    /** Returns what a client is told of what it is not to blame for. */
    static StatusException failed(String what, String path, IOException failure) {
        String text = what + " of '" + path + "' failed";
        warn(text, failure);
        return Status.INTERNAL
                .withDescription(text + ": " + Refusal.reasonOf(failure))
                .withCause(failure)
                .asException();
    }

    private void get(String path) throws StatusException, IOException {
        try (RootFile file = root.open(path)) {
            ByteStream stream = StreamRpc.accept();
            FileVersion version = file.version();
            new ContentSender(stream, Progress.NONE, () -> false)
                    .send(
                            ContentSender.delimited(header(version)),
                            file.channel(),
                            version.size(),
                            checksums.begin(file, buffersOf(stream)),
                            crc32c -> GetTrailer.newBuilder().setCrc32C(crc32c).build());
        }
    }

    static GetHeader header(FileVersion version) {
        return GetHeader.newBuilder()
                .setSize(version.size())
                .setModified(timestamp(version.modified()))
                .build();
    }

    private StatResponse stat(StatRequest request) throws StatusException, IOException {
        if (!request.getChecksum()) {
            return answer(StreamRpc.accept(), description(root.look(request.getPath())));
        }
        try (RootFile file = root.open(request.getPath())) {
            ByteStream stream = StreamRpc.accept();
            int crc32c = checksums.of(file, buffersOf(stream));
            return answer(stream, description(file.version()).setCrc32C(crc32c));
        }
    }

    private StatResponse stat(StatRequest request, BufferPool buffers) throws StatusException, IOException {
        if (!request.getChecksum()) {
            return description(root.look(request.getPath())).build();
        }
        try (RootFile file = root.open(request.getPath())) {
            return description(file.version())
                    .setCrc32C(checksums.of(file, buffers))
                    .build();
        }
    }

    private static StatResponse.Builder description(FileVersion version) {
        return StatResponse.newBuilder().setSize(version.size()).setModified(timestamp(version.modified()));
    }

    private static StatResponse answer(ByteStream stream, StatResponse.Builder response) throws IOException {
        StatResponse answer = response.build();
        stream.write(ByteBuffer.wrap(ContentSender.delimited(answer)));
        return answer;
    }

    private void put(PutRequest request) throws StatusException, IOException {
        try (PartFile part = root.create(request.getPath(), request.getSize(), request.getOverwrite())) {
            ByteStream stream = StreamRpc.accept();
            try (StreamInput input = new StreamInput(stream)) {
                PutResult result = receive(input, part, request);
                boolean failed = !result.getError().isEmpty();
                if (failed) {
                    part.discard(); // before the client hears of it
                }
                stream.write(ByteBuffer.wrap(ContentSender.delimited(result)));
                if (failed) {
                    stream.shutdownOutput();
                    input.discardRest(DISCARD_LIMIT);
                }
            }
        }
    }

    /** Takes the file in. Failures of the stream are thrown, for there is nobody to tell; others are the result. */
    private PutResult receive(StreamInput input, PartFile part, PutRequest request) throws TransportException {
        try {
            int received = input.content(request.getSize(), part, Progress.NONE);
            PutTrailer trailer = input.message(PutTrailer.parser(), "trailer with the checksum");
            if (!trailer.hasCrc32C()) {
                return failure("the trailer has no checksum");
            }
            if (trailer.getCrc32C() != received) {
                return failure(ChecksumText.mismatch(trailer.getCrc32C(), received));
            }
            part.commit(durable);
            return PutResult.newBuilder()
                    .setSize(request.getSize())
                    .setCrc32C(received)
                    .build();
        } catch (TransportException e) {
            throw e;
        } catch (FileAlreadyExistsException e) {
            return failure("a file is there already: another client stored it meanwhile");
        } catch (IOException e) {
            warn("cannot store '" + request.getPath() + "'", e);
            return failure("the server cannot store '" + request.getPath() + "': " + Refusal.reasonOf(e));
        }
    }

    private static void warn(String what, IOException e) {
        LOG.log(Level.WARNING, () -> what + ": " + Refusal.reasonOf(e));
        LOG.log(Level.DEBUG, what, e);
    }

    private static PutResult failure(String error) {
        return PutResult.newBuilder().setError(error).build();
    }

    /** Returns the buffers of the connection whose method of gRPC is running. */
    static BufferPool buffersOfCall() {
        return CallAttributes.CURRENT_CONNECTION.get().loop().group().buffers();
    }

    private static BufferPool buffersOf(ByteStream stream) {
        return stream.connection().loop().group().buffers();
    }

    private static Timestamp timestamp(FileTime time) {
        Instant instant = time.toInstant();
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** Waits, for a limited time, until no call is under way. The connections are to be closed before. */
    @Override
    public void close() {
        if (!calls.awaitNone(CLOSE_LIMIT)) {
            LOG.log(Level.WARNING, "a file call did not end within {0}", CLOSE_LIMIT);
        }
        threads.shutdown();
        messageThreads.shutdown();
    }
}
