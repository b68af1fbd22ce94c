package dev.sluice.cli.demo;

import dev.sluice.cli.interop.Voter;
import dev.sluice.nio.Endpoint;
import dev.sluice.nio.EventLoopGroup;
import dev.sluice.proto.interop.CallBackRequest;
import dev.sluice.proto.interop.CallBackResponse;
import dev.sluice.proto.interop.CallServiceGrpc;
import io.grpc.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The checks of a server that calls its clients back over one wire, one after the other. One thread. */
final class BackchannelChecks implements AutoCloseable {
    private static final int CLIENTS = 8;
    private static final int CALLS = 25;
    /** What a client gets that the server cannot call back. */
    private static final String CANNOT_VOTE = "non-multiplexed connection";

    private final Endpoint server;
    private final Channels channels;
    private final CheckRunner runner;

    /** @param loops are to be closed after this */
    BackchannelChecks(Endpoint server, EventLoopGroup loops, Site site) {
        this.server = server;
        this.channels = new Channels(loops);
        this.runner = new CheckRunner(server.scheme(), site.data());
    }

    void run(Consumer<Check> listener) throws InterruptedException {
        listener.accept(runner.ask("backchannel", this::everyClientVotes));
        listener.accept(runner.ask("backchannel-refusal", this::plainClientCannotVote));
    }

    /** Each has a connection of its own, and all calls begin before the first is waited for: the server must ask who has called. */
    private Optional<String> everyClientVotes() throws IOException, InterruptedException {
        List<Vote> votes = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Voter voter = new Voter("client " + client, question -> {});
            Channel channel = channels.open(voter.votingAt(server));
            for (int call = 0; call < CALLS; call++) {
                String question = "question " + call;
                votes.add(new Vote(voter.voteOn(question), ask(channel, question)));
            }
        }
        for (Vote vote : votes) {
            Optional<String> error = vote.error();
            if (error.isPresent()) {
                return error;
            }
        }
        return Optional.empty();
    }

    private Optional<String> plainClientCannotVote() throws IOException, InterruptedException {
        return new Vote(CANNOT_VOTE, ask(channels.open(server), "question")).error();
    }

    private static Future<CallBackResponse> ask(Channel channel, String question) {
        return CallServiceGrpc.newFutureStub(channel)
                .callBack(CallBackRequest.newBuilder().setQuestion(question).build());
    }

    /** What a call under way must bring. */
    private record Vote(String expected, Future<CallBackResponse> answer) {
        Optional<String> error() throws IOException, InterruptedException {
            try {
                String actual = answer.get().getAnswer();
                return actual.equals(expected)
                        ? Optional.empty()
                        : Optional.of("expected the answer '" + expected + "', got '" + actual + "'");
            } catch (ExecutionException e) {
                throw new IOException(e.getCause().getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        channels.close();
    }
}
