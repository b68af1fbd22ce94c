package dev.sluice.bench.file;

import com.google.protobuf.Empty;
import dev.sluice.bench.harness.MeasuredServer;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc.TestStreamServiceImplBase;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A StreamRPC method that sends the file. */
public final class SluiceFileServer extends TestStreamServiceImplBase implements MeasuredServer {
    private final Path file;
    private final EventLoopGroup group = EventLoopGroup.of(1);
    private final SluiceServer server;

    /** Begins to serve {@code file} to whoever calls. */
    public SluiceFileServer(String endpoint, Path file) throws IOException {
        this.file = file;
        this.server = SluiceServer.builder()
                .group(group)
                .listen(Endpoint.parse(endpoint))
                .protocol(StreamRpc.serve(s -> s.addService(this)))
                .start();
    }

    @Override
    public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
        try (FileChannel source = FileChannel.open(file)) {
            StreamRpc.accept().transferFrom(source, 0, source.size());
            done.onNext(Empty.getDefaultInstance());
            done.onCompleted();
        } catch (IOException e) {
            done.onError(e);
        }
    }

    @Override
    public String endpoint() {
        return server.endpoints().get(0).toString();
    }

    @Override
    public void close() {
        server.close();
        group.close();
    }
}
