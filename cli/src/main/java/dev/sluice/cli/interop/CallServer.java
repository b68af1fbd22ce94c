package dev.sluice.cli.interop;

import dev.sluice.grpc.NonMultiplexedException;
import dev.sluice.grpc.Peer;
import dev.sluice.proto.interop.CallBackRequest;
import dev.sluice.proto.interop.CallBackResponse;
import dev.sluice.proto.interop.CallServiceGrpc;
import dev.sluice.proto.interop.EchoRequest;
import dev.sluice.proto.interop.EchoResponse;
import dev.sluice.proto.interop.VoteRequest;
import dev.sluice.proto.interop.VoteResponse;
import dev.sluice.proto.interop.VoteServiceGrpc;
import io.grpc.stub.StreamObserver;

/** The server's side of what peers try out on each other: it calls its callers back. Thread-safe. */
public final class CallServer extends CallServiceGrpc.CallServiceImplBase {
    @Override
    public void echo(EchoRequest request, StreamObserver<EchoResponse> response) {
        response.onNext(
                EchoResponse.newBuilder().setPayload(request.getPayload()).build());
        response.onCompleted();
    }

    @Override
    public void callBack(CallBackRequest request, StreamObserver<CallBackResponse> response) {
        Peer caller;
        try {
            caller = Peer.current();
        } catch (NonMultiplexedException e) {
            response.onNext(
                    CallBackResponse.newBuilder().setAnswer(e.getMessage()).build());
            response.onCompleted();
            return;
        }
        VoteServiceGrpc.newStub(caller.channel())
                .vote(
                        VoteRequest.newBuilder()
                                .setQuestion(request.getQuestion())
                                .build(),
                        new PassedOn(response));
    }

    /** What the client says is the answer to its call; so is its failure, as for lack of a {@code VoteService}. */
    private record PassedOn(StreamObserver<CallBackResponse> response) implements StreamObserver<VoteResponse> {
        @Override
        public void onNext(VoteResponse vote) {
            response.onNext(
                    CallBackResponse.newBuilder().setAnswer(vote.getAnswer()).build());
        }

        @Override
        public void onError(Throwable failure) {
            response.onError(failure);
        }

        @Override
        public void onCompleted() {
            response.onCompleted();
        }
    }
}
