package dev.sluice.cli.files;

import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Connection;
import dev.sluice.proto.files.v1.FileServiceGrpc;
import dev.sluice.proto.files.v1.StatRequest;
import dev.sluice.proto.files.v1.StatResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;

/** What gRPC can call of the file service. Thread-safe. */
final class UnaryFileServer extends FileServiceGrpc.FileServiceImplBase {
    private static final Context.Key<Connection> CONNECTION = Context.key("connection");

    private final FileServer files;

    UnaryFileServer(FileServer files) {
        this.files = files;
    }

    ServerServiceDefinition definition() {
        return ServerInterceptors.intercept(this, new ConnectionOfCall());
    }

    @Override
    public void stat(StatRequest request, StreamObserver<StatResponse> done) {
        files.stat(request, CONNECTION.get().loop().group().buffers(), done);
    }

    /** Lets methods know the connection of their call. */
    private static final class ConnectionOfCall implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Connection connection = call.getAttributes().get(Grpc.CONNECTION);
            return Contexts.interceptCall(Context.current().withValue(CONNECTION, connection), call, headers, next);
        }
    }
}
