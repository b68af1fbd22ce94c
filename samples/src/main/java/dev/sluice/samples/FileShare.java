package dev.sluice.samples;

import com.google.protobuf.Empty;
import dev.sluice.grpc.Grpc;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.files.v1.FileServiceGrpc.FileServiceImplBase;
import dev.sluice.proto.files.v1.GetHeader;
import dev.sluice.proto.files.v1.GetRequest;
import dev.sluice.proto.files.v1.GetTrailer;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Offers the files of a directory on one port: what is a message by gRPC, what is a stream by StreamRPC, both logged alike. */
public final class FileShare extends FileServiceImplBase {
    private final Path directory;

    FileShare(Path directory) {
        this.directory = directory;
    }

    static SluiceServer start(Endpoint endpoint, Path directory, Consumer<String> log) throws IOException {
        FileShare files = new FileShare(directory);
        CallLog calls = new CallLog(log);
        return SluiceServer.builder()
                .listen(endpoint)
                .protocol(Grpc.serve(b -> b.addService(files).intercept(calls)))
                .protocol(StreamRpc.serve(s -> s.addService(files).intercept(calls)))
                .start();
    }

    /** What gRPC's interceptors can do, they do for StreamRPC as well. */
    private record CallLog(Consumer<String> log) implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            log.accept(call.getMethodDescriptor().getFullMethodName());
            return next.startCall(call, headers);
        }
    }

    /** By gRPC. */
    @Override
    public void stat(StatRequest request, StreamObserver<StatResponse> done) {
        try {
            long size = Files.size(find(request.getPath()));
            done.onNext(StatResponse.newBuilder().setSize(size).build());
            done.onCompleted();
        } catch (StatusException | IOException e) {
            done.onError(e);
        }
    }

    /** By StreamRPC: header, content, trailer, as {@code files.proto} says. */
    @Override
    public void get(GetRequest request, StreamObserver<Empty> done) {
        try (FileChannel file = FileChannel.open(find(request.getPath()))) {
            ByteStream stream = StreamRpc.accept(); // from here on, the socket itself
            GetHeader.newBuilder().setSize(file.size()).build().writeDelimitedTo(stream.outputStream());
            stream.transferFrom(file, 0, file.size());
            int crc32c = FileDownload.crc32c(find(request.getPath()));
            GetTrailer.newBuilder().setCrc32C(crc32c).build().writeDelimitedTo(stream.outputStream());
            done.onNext(Empty.getDefaultInstance());
            done.onCompleted();
        } catch (StatusException | IOException e) {
            done.onError(e);
        }
    }

    /** Only files of the directory itself, for a path could lead out of it. */
    private Path find(String name) throws StatusException {
        Path file = directory.resolve(name);
        if (!directory.equals(file.getParent()) || !Files.isRegularFile(file)) {
            throw Status.NOT_FOUND.withDescription("no such file: " + name).asException();
        }
        return file;
    }

    public static void main(String[] args) throws IOException {
        Consumer<String> log = System.out::println;
        try (SluiceServer server = start(Endpoint.parse(args[0]), Path.of(args[1]), log)) {
            server.awaitClosed();
        }
    }
}
