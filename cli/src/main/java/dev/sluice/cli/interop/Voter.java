package dev.sluice.cli.interop;

import dev.sluice.grpc.Backchannel;
import dev.sluice.grpc.Grpc;
import dev.sluice.nio.Endpoint;
import dev.sluice.proto.interop.VoteRequest;
import dev.sluice.proto.interop.VoteResponse;
import dev.sluice.proto.interop.VoteServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Consumer;

/** The client's side of what peers try out on each other: it votes when it is asked to. Thread-safe. */
public final class Voter extends VoteServiceGrpc.VoteServiceImplBase {
    private final String name;
    private final Consumer<String> asked;

    /** @param asked is told of each question before it is answered, on any thread */
    public Voter(String name, Consumer<String> asked) {
        this.name = name;
        this.asked = asked;
    }

    /** Returns the address of a server as one whose connections it may ask back over. */
    public Endpoint votingAt(Endpoint server) {
        return Backchannel.client(server, () -> List.of(Grpc.serve(b -> b.addService(this))));
    }

    /** Returns what it answers. */
    public String voteOn(String question) {
        return name + " votes on " + question;
    }

    @Override
    public void vote(VoteRequest request, StreamObserver<VoteResponse> response) {
        asked.accept(request.getQuestion());
        response.onNext(VoteResponse.newBuilder()
                .setAnswer(voteOn(request.getQuestion()))
                .build());
        response.onCompleted();
    }
}
