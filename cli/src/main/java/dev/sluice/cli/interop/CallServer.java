package dev.sluice.cli.interop;

import dev.sluice.grpc.NonMultiplexedException;
import dev.sluice.grpc.Peer;
import dev.sluice.grpc.Sidechannel;
import dev.sluice.nio.ByteStream;
import dev.sluice.nio.Reason;
import dev.sluice.nio.TransportException;
import dev.sluice.proto.interop.CallBackRequest;
import dev.sluice.proto.interop.CallBackResponse;
import dev.sluice.proto.interop.CallServiceGrpc;
import dev.sluice.proto.interop.EchoRequest;
import dev.sluice.proto.interop.EchoResponse;
import dev.sluice.proto.interop.SidechannelDigestRequest;
import dev.sluice.proto.interop.SidechannelDigestResponse;
import dev.sluice.proto.interop.SidechannelEchoRequest;
import dev.sluice.proto.interop.SidechannelEchoResponse;
import dev.sluice.proto.interop.VoteRequest;
import dev.sluice.proto.interop.VoteResponse;
import dev.sluice.proto.interop.VoteServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The server's side of what peers try out on each other: it calls its callers back, and opens streams of bytes to them. Thread-safe. */
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

    @Override
    public void sidechannelDigest(
            SidechannelDigestRequest request, StreamObserver<SidechannelDigestResponse> response) {
        withSidechannel(response, stream -> {
            String digest = digest(stream.inputStream());
            stream.outputStream().write(digest.getBytes(StandardCharsets.US_ASCII));
            return SidechannelDigestResponse.newBuilder().setDigest(digest).build();
        });
    }

    @Override
    public void sidechannelEcho(SidechannelEchoRequest request, StreamObserver<SidechannelEchoResponse> response) {
        withSidechannel(response, stream -> {
            stream.transferTo(stream, Long.MAX_VALUE);
            return SidechannelEchoResponse.getDefaultInstance();
        });
    }

    private static String digest(InputStream content) throws IOException {
        MessageDigest sha256 = newSha256();
        long count = content.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
        return HexFormat.of().formatHex(sha256.digest()) + " " + count;
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** What a method does with its sidechannel, and then answers. */
    private interface Exchange<R> {
        R on(ByteStream stream) throws IOException;
    }

    private static <R> void withSidechannel(StreamObserver<R> response, Exchange<R> exchange) {
        R answer;
        try (ByteStream stream = Sidechannel.open()) {
            answer = exchange.on(stream);
        } catch (IOException e) {
            boolean none = TransportException.of("", e).reason() == Reason.UNSUPPORTED;
            response.onError((none ? Status.FAILED_PRECONDITION : Status.UNAVAILABLE)
                    .withDescription(e.getMessage())
                    .withCause(e)
                    .asException());
            return;
        }
        response.onNext(answer);
        response.onCompleted();
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
