package dev.sluice.grpc;

import com.google.protobuf.Empty;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc;
import dev.sluice.streamrpc.StreamRpc;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;

/** One method that is served by gRPC and by StreamRPC at one address, behind the same interceptors. */
abstract class CallFixture extends GrpcFixture {
    static final MethodDescriptor<TestStreamRequest, Empty> METHOD = TestStreamServiceGrpc.getTestStreamMethod();

    /** What {@link #serve} has started last. */
    SluiceServer server;

    /** One of its protocols. */
    GrpcServer grpcServer;

    /** How a call is made. */
    enum Kind {
        GRPC,
        STREAM_RPC
    }

    /** What the method does, before it answers. */
    interface Body {
        void run(TestStreamRequest request);
    }

    private static final class Archive extends TestStreamServiceGrpc.TestStreamServiceImplBase {
        private final Kind kind;
        private final Body body;

        Archive(Kind kind, Body body) {
            this.kind = kind;
            this.body = body;
        }

        @Override
        public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
            body.run(request);
            try {
                if (kind == Kind.STREAM_RPC) {
                    StreamRpc.accept();
                }
                done.onNext(Empty.getDefaultInstance());
                done.onCompleted();
            } catch (IOException e) {
                done.onError(e);
            }
        }
    }

    /** Serves at TCP; as with gRPC, the interceptor given last runs first. */
    final Endpoint serve(Body body, ServerInterceptor... interceptors) throws IOException {
        return serve(Wire.TCP, body, interceptors);
    }

    final Endpoint serve(Wire wire, Body body, ServerInterceptor... interceptors) throws IOException {
        grpcServer = Grpc.serve(b -> {
            b.addService(new Archive(Kind.GRPC, body));
            List.of(interceptors).forEach(b::intercept);
        });
        server = start(listening(wire), grpcServer, StreamRpc.serve(s -> {
            s.addService(new Archive(Kind.STREAM_RPC, body));
            List.of(interceptors).forEach(s::intercept);
        }));
        return reaching(wire, server);
    }

    /** Calls the method, and returns how that ended: of StreamRPC, the handshake. */
    final Status call(Kind kind, Endpoint endpoint, ClientInterceptor... interceptors) {
        TestStreamRequest request = TestStreamRequest.getDefaultInstance();
        try {
            if (kind == Kind.GRPC) {
                ClientCalls.blockingUnaryCall(
                        ClientInterceptors.intercept(channel(endpoint), interceptors),
                        METHOD,
                        CallOptions.DEFAULT,
                        request);
            } else {
                StreamRpcClient.Builder builder =
                        StreamRpcClient.builder(endpoint).group(group);
                List.of(interceptors).forEach(builder::intercept);
                try (StreamRpcClient client = builder.build()) {
                    client.call(METHOD, request).close();
                }
            }
            return Status.OK;
        } catch (Exception e) {
            return e instanceof StreamRpcException failure ? failure.status() : Status.fromThrowable(e);
        }
    }
}
