package dev.sluice.cli.echo;

import com.google.protobuf.Empty;
import dev.sluice.cli.files.FileRoot;
import dev.sluice.nio.ByteStream;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;

/**
 * The TestStream echo. A repository is any directory below the root: nothing is read from it. A client that ends early gets back
 * what it sent. Thread-safe.
 */
public final class EchoServer extends TestStreamServiceGrpc.TestStreamServiceImplBase {
    private final FileRoot root;

    /** @param root below which the directories lie that count as repositories */
    public EchoServer(FileRoot root) {
        this.root = root;
    }

    @Override
    public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
        String path = request.getRepository().getRelativePath();
        if (!root.hasDirectory(path)) {
            done.onError(Status.NOT_FOUND
                    .withDescription("GetRepoPath: not a git repository: '" + path + "'")
                    .asException());
            return;
        }
        try {
            ByteStream stream = StreamRpc.accept();
            if (request.getSize() > 0) {
                stream.transferTo(stream, request.getSize());
            }
            done.onNext(Empty.getDefaultInstance());
            done.onCompleted();
        } catch (IOException e) {
            done.onError(Status.UNAVAILABLE
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asException());
        }
    }
}
