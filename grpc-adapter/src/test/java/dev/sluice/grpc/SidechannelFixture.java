package dev.sluice.grpc;

import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** A server whose method does with sidechannels what a test wants, and clients that offer them. */
abstract class SidechannelFixture extends GrpcFixture {
    static final Metadata.Key<String> ID = Metadata.Key.of("gitaly-sidechannel-id", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> UNFRAMED =
            Metadata.Key.of("sluice-sidechannel-unframed", Metadata.ASCII_STRING_MARSHALLER);

    final SidechannelRegistry sidechannels = new SidechannelRegistry();

    /** What a client offers. */
    enum Client {
        /** Both ways of half-close. */
        OURS,
        /** Packets only, as Gitaly's. */
        OLD
    }

    /** What the server's method does. */
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    static ServerServiceDefinition service(Body body) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((request, answers) -> answer(body, request, answers)))
                .addMethod(
                        DOWN,
                        ServerCalls.asyncServerStreamingCall((request, answers) -> answer(body, request, answers)))
                .build();
    }

    private static void answer(Body body, byte[] request, StreamObserver<byte[]> answers) {
        try {
            body.run();
            answers.onNext(request);
            answers.onCompleted();
        } catch (Exception e) {
            Status known = Status.fromThrowable(e);
            answers.onError(
                    known.getDescription() == null
                            ? Status.FAILED_PRECONDITION
                                    .withDescription(e.getMessage())
                                    .asRuntimeException()
                            : known.asRuntimeException());
        }
    }

    /** Starts a server of clients that can be called back, and of others. */
    final SluiceServer server(Wire wire, Consumer<ServerBuilder<?>> settings) throws IOException {
        return start(listening(wire), serve(settings), Backchannel.serve(new PeerRegistry()));
    }

    /** Returns the address for a client to which sidechannels of {@code offered} can be opened. */
    static Endpoint multiplexed(Endpoint server, SidechannelRegistry offered) {
        return Backchannel.client(server, () -> List.of(offered));
    }

    /** Returns a channel to a new server. */
    final Channel channel(Wire wire, Body body) throws IOException {
        SluiceServer server = server(wire, b -> b.addService(service(body)));
        return channel(multiplexed(reaching(wire, server), sidechannels));
    }

    static byte[] call(Channel channel, Client client, ClientInterceptor... offers) {
        Channel old = client == Client.OURS ? channel : ClientInterceptors.intercept(channel, new WithoutOffer());
        return ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(old, offers), UNARY, CallOptions.DEFAULT, new byte[1]);
    }

    private static final class WithoutOffer implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    headers.discardAll(UNFRAMED);
                    super.start(listener, headers);
                }
            };
        }
    }
}
