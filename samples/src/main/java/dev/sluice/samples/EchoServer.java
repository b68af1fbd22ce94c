package dev.sluice.samples;

import com.google.protobuf.Empty;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.gitaly.TestStreamRequest;
import dev.sluice.proto.gitaly.TestStreamServiceGrpc.TestStreamServiceImplBase;
import dev.sluice.streamrpc.StreamRpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;

/** Echoes as many bytes as the request asks for, on one port, over a raw socket behind an RPC handshake. */
public final class EchoServer extends TestStreamServiceImplBase {
    @Override
    public void testStream(TestStreamRequest request, StreamObserver<Empty> done) {
        if (request.getSize() < 0) { // before accept(): the client gets this as its rejection
            done.onError(
                    Status.INVALID_ARGUMENT.withDescription("negative size").asException());
            return;
        }
        try {
            ByteStream stream = StreamRpc.accept(); // from here on, the socket itself
            long echoed = stream.transferTo(stream, request.getSize());
            if (echoed < request.getSize()) {
                throw new EOFException("the client ended after " + echoed + " bytes");
            }
            done.onNext(Empty.getDefaultInstance());
            done.onCompleted(); // closes the stream
        } catch (IOException e) {
            done.onError(e); // cuts it: over TCP the client sees a reset, not an end
        }
    }

    public static void main(String[] args) throws IOException {
        try (SluiceServer server = SluiceServer.builder()
                .listen(Endpoint.parse(args.length > 0 ? args[0] : "tcp://127.0.0.1:8075"))
                .protocol(StreamRpc.serve(s -> s.addService(new EchoServer())))
                .start()) {
            System.out.println("listening on " + server.endpoints());
            server.awaitClosed();
        }
    }
}
