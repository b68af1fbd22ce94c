package dev.sluice.samples;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.grpc.NonMultiplexedException;
import dev.sluice.grpc.Peer;
import dev.sluice.grpc.PeerRegistry;
import dev.sluice.mux.SluiceServer;
import dev.sluice.nio.Endpoint;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** A server that, before it commits what a client asks for, asks the client in turn: within the call, over the same connection. */
public final class Vote {
    /** The server's: changes something. With generated code, these two are the generated methods. */
    private static final MethodDescriptor<StringValue, StringValue> UPDATE =
            method("sample.Repository/Update", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());

    /** The client's: says whether a change may be made. */
    private static final MethodDescriptor<StringValue, BoolValue> MAY =
            method("sample.Voter/May", StringValue.getDefaultInstance(), BoolValue.getDefaultInstance());

    private Vote() {}

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(name)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }

    private static void update(StringValue change, StreamObserver<StringValue> answer) {
        try {
            BoolValue vote = ClientCalls.blockingUnaryCall(Peer.current().channel(), MAY, CallOptions.DEFAULT, change);
            answer.onNext(StringValue.of((vote.getValue() ? "committed " : "aborted ") + change.getValue()));
            answer.onCompleted();
        } catch (NonMultiplexedException e) { // a client that does not know of votes
            answer.onError(
                    Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asException());
        } catch (StatusRuntimeException e) { // the client is gone, or has no vote: nothing is committed
            answer.onError(Status.ABORTED
                    .withDescription("no vote: " + e.getStatus())
                    .withCause(e)
                    .asException());
        }
    }

    static SluiceServer start(Endpoint endpoint) throws IOException {
        ServerServiceDefinition repository = ServerServiceDefinition.builder("sample.Repository")
                .addMethod(UPDATE, ServerCalls.asyncUnaryCall(Vote::update))
                .build();
        return SluiceServer.builder()
                .listen(endpoint)
                .protocol(Grpc.serve(b -> b.addService(repository)))
                .protocol(Backchannel.serve(new PeerRegistry()))
                .start();
    }

    /** Returns the address for a client that votes. */
    static Endpoint voting(Endpoint server, Predicate<String> mind) {
        ServerServiceDefinition voter = ServerServiceDefinition.builder("sample.Voter")
                .addMethod(MAY, ServerCalls.asyncUnaryCall((StringValue change, StreamObserver<BoolValue> answer) -> {
                    answer.onNext(BoolValue.of(mind.test(change.getValue())));
                    answer.onCompleted();
                }))
                .build();
        return Backchannel.client(server, () -> List.of(Grpc.serve(b -> b.addService(voter))));
    }

    static String update(Endpoint server, String change) {
        ManagedChannel channel = Grpc.channel(server);
        try {
            return ClientCalls.blockingUnaryCall(channel, UPDATE, CallOptions.DEFAULT, StringValue.of(change))
                    .getValue();
        } finally {
            channel.shutdown();
        }
    }

    public static void main(String[] args) throws IOException {
        try (SluiceServer server = start(Endpoint.parse("tcp://localhost:0"))) {
            Endpoint careful = voting(server.endpoints().get(0), change -> !change.contains("delete"));
            System.out.println(update(careful, "add a page")); // committed add a page
            System.out.println(update(careful, "delete all")); // aborted delete all
        }
    }
}
