package dev.sluice.cli.files;

import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import io.grpc.stub.StreamObserver;

/** What gRPC can call of the file service. Thread-safe. */
final class UnaryFileServer extends FileServiceGrpc.FileServiceImplBase {
    private final FileServer files;

    UnaryFileServer(FileServer files) {
        this.files = files;
    }

    @Override
    public void stat(StatRequest request, StreamObserver<StatResponse> done) {
        files.stat(request, FileServer.buffersOfCall(), done);
    }
}
