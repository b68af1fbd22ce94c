package dev.sluice.grpc;

import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** Sends back what it gets, in each of gRPC's four ways. */
final class EchoService {
    /** How many copies of its request the server-streaming method sends. */
    static final int COPIES = 100;

    private EchoService() {}

    static ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(GrpcFixture.SERVICE)
                .addMethod(GrpcFixture.UNARY, ServerCalls.asyncUnaryCall(EchoService::unary))
                .addMethod(GrpcFixture.DOWN, ServerCalls.asyncServerStreamingCall(EchoService::down))
                .addMethod(GrpcFixture.UP, ServerCalls.asyncClientStreamingCall(EchoService::up))
                .addMethod(GrpcFixture.BOTH, ServerCalls.asyncBidiStreamingCall(EchoService::both))
                .build();
    }

    private static void unary(byte[] request, StreamObserver<byte[]> responses) {
        responses.onNext(request);
        responses.onCompleted();
    }

    private static void down(byte[] request, StreamObserver<byte[]> responses) {
        for (int i = 0; i < COPIES; i++) {
            responses.onNext(request);
        }
        responses.onCompleted();
    }

    /** Answers all requests in one. */
    private static StreamObserver<byte[]> up(StreamObserver<byte[]> responses) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        return new Requests(all::writeBytes, responses) {
            @Override
            public void onCompleted() {
                responses.onNext(all.toByteArray());
                responses.onCompleted();
            }
        };
    }

    private static StreamObserver<byte[]> both(StreamObserver<byte[]> responses) {
        return new Requests(responses::onNext, responses);
    }

    private static class Requests implements StreamObserver<byte[]> {
        private final Consumer<byte[]> next;
        private final StreamObserver<byte[]> responses;

        Requests(Consumer<byte[]> next, StreamObserver<byte[]> responses) {
            this.next = next;
            this.responses = responses;
        }

        @Override
        public void onNext(byte[] request) {
            next.accept(request);
        }

        @Override
        public void onError(Throwable t) {
            // The client has cancelled: there is nobody to answer.
        }

        @Override
        public void onCompleted() {
            responses.onCompleted();
        }
    }
}
