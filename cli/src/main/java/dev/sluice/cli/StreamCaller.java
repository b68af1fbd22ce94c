package dev.sluice.cli;

import dev.sluice.nio.ByteStream;
import dev.sluice.streamrpc.StreamRpcClient;
import dev.sluice.streamrpc.StreamRpcException;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;

/** Calls byte streams by StreamRPC, standard input and output being their ends. Immutable. */
record StreamCaller(Target server, Metadata headers, Streams streams) {
    /** @param message the encoded request */
    void call(String name, byte[] message) throws IOException, CommandFailure {
        StreamRpcClient.Builder builder = StreamRpcClient.builder(server.dialled());
        if (!headers.keys().isEmpty()) {
            builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
        }
        try (StreamRpcClient client = builder.build();
                ByteStream stream = client.call(RawMethod.of(name, MethodType.UNARY), message)) {
            new StreamPump(stream, streams.in(), streams.out()).run();
        } catch (StreamRpcException e) {
            if (e.isRejection()) {
                throw e;
            }
            throw ConnectHint.addTo(e, server);
        }
    }
}
