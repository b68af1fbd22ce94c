package dev.sluice.bench.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The methods that are called, the same on all servers. Messages are bytes as they are, so that nobody's time goes into protobuf. */
final class PayloadService {
    private static final String NAME = "sluice.bench.Payload";

    /** Size of each message of a stream. */
    static final int STREAMED_BYTES = 64 << 10;
    /**
     * Messages of a stream. It is not one without end that clients cancel: to what is under way then, grpc-netty's client answers frame
     * by frame with resets, which servers may take for an attack, and the connection is not the same afterwards.
     */
    static final int STREAMED_MESSAGES = 512;

    /** Answers with its request. */
    static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
    /** Answers with that many messages of that size. */
    static final MethodDescriptor<byte[], byte[]> STREAM = method("Stream", MethodType.SERVER_STREAMING);

    private static final byte[] STREAMED = new byte[STREAMED_BYTES];

    private PayloadService() {}

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    static ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(NAME)
                .addMethod(UNARY, ServerCalls.asyncUnaryCall(PayloadService::unary))
                .addMethod(STREAM, ServerCalls.asyncServerStreamingCall(PayloadService::stream))
                .build();
    }

    private static void unary(byte[] request, StreamObserver<byte[]> response) {
        response.onNext(request);
        response.onCompleted();
    }

    private static void stream(byte[] request, StreamObserver<byte[]> responses) {
        ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) responses;
        call.setOnReadyHandler(new Sending(call));
    }

    /** Sends as long as there is room. */
    private static final class Sending implements Runnable {
        private final ServerCallStreamObserver<byte[]> call;
        private int sent;

        Sending(ServerCallStreamObserver<byte[]> call) {
            this.call = call;
        }

        @Override
        public void run() {
            while (sent < STREAMED_MESSAGES && call.isReady()) {
                call.onNext(STREAMED);
                if (++sent == STREAMED_MESSAGES) {
                    call.onCompleted();
                }
            }
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        /** One copy, for gRPC's streams know what they hold. */
        @Override
        public byte[] parse(InputStream stream) {
            try {
                byte[] message = new byte[stream.available()];
                if (stream.readNBytes(message, 0, message.length) < message.length || stream.read() >= 0) {
                    throw new IOException("a message is not as long as it said");
                }
                return message;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
