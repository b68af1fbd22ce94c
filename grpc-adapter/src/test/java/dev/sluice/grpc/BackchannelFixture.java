package dev.sluice.grpc;

import dev.sluice.mux.Protocol;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.TransportException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A server whose one method calls its caller back by the same method and returns what that says; clients that answer with a name of their
 * own.
 */
abstract class BackchannelFixture extends GrpcFixture {
    final PeerRegistry peers = new PeerRegistry();
    SluiceServer server;

    /** What the server's method does with a request. */
    @FunctionalInterface
    interface Body {
        String answer(String request) throws TransportException;
    }

    static ServerServiceDefinition service(Body body) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((byte[] request, StreamObserver<byte[]> answers) -> {
                    try {
                        answers.onNext(bytes(body.answer(text(request))));
                        answers.onCompleted();
                    } catch (TransportException | RuntimeException e) {
                        answers.onError(
                                e instanceof StatusRuntimeException status
                                        ? status
                                        : Status.FAILED_PRECONDITION
                                                .withDescription(e.getMessage())
                                                .asRuntimeException());
                    }
                }))
                .build();
    }

    /** Calls the caller back. */
    static String callBack(String request) throws TransportException {
        Peer peer = Peer.current();
        return peer.id() + ":" + call(peer.channel(), request);
    }

    final Endpoint serve(Wire wire, Protocol backchannel, Body body) throws IOException {
        server = start(listening(wire), serve(b -> b.addService(service(body))), backchannel);
        return reaching(wire, server);
    }

    final Endpoint serve(Wire wire, Body body) throws IOException {
        return serve(wire, Backchannel.serve(peers), body);
    }

    /** Returns the address for a client that answers with its name. */
    final Endpoint answering(Endpoint endpoint, String name) {
        return Backchannel.client(
                endpoint, () -> List.of(serve(b -> b.addService(service(request -> name + " says " + request)))));
    }

    static String call(Channel channel, String request) {
        return text(ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, bytes(request)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
