package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(GrpcServerOptions.Driving.class)
class EveryWireTest extends GrpcFixture {
    private Channel echo(Wire wire) throws Exception {
        SluiceServer server = start(listening(wire), serve(b -> b.addService(EchoService.definition())));
        return channel(reaching(wire, server));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerUnaryCallsOfAnySize(Wire wire) throws Exception {
        Channel channel = echo(wire);
        for (int length : new int[] {0, 1, 16_383, 16_384, 65_536, 3 << 20}) {
            byte[] request = random(length);
            assertThat(ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request))
                    .isEqualTo(request);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldStreamDown(Wire wire) throws Exception {
        byte[] request = random(64 << 10);
        Iterator<byte[]> answers =
                ClientCalls.blockingServerStreamingCall(echo(wire), DOWN, CallOptions.DEFAULT, request);
        int count = 0;
        for (; answers.hasNext(); count++) {
            assertThat(answers.next()).isEqualTo(request);
        }
        assertThat(count).isEqualTo(EchoService.COPIES);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStreamUp(Wire wire) throws Exception {
        Answers answers = new Answers();
        StreamObserver<byte[]> requests =
                ClientCalls.asyncClientStreamingCall(echo(wire).newCall(UP, CallOptions.DEFAULT), answers);
        byte[] all = random(1_000_000);
        for (int at = 0; at < all.length; at += 10_000) {
            requests.onNext(Arrays.copyOfRange(all, at, at + 10_000));
        }
        requests.onCompleted();
        assertThat(answers.all()).containsExactly(all);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStreamBothWaysManyCallsAtATime(Wire wire) throws Exception {
        Channel channel = echo(wire);
        List<Answers> calls = new ArrayList<>();
        for (int call = 0; call < 50; call++) {
            Answers answers = new Answers();
            calls.add(answers);
            StreamObserver<byte[]> requests =
                    ClientCalls.asyncBidiStreamingCall(channel.newCall(BOTH, CallOptions.DEFAULT), answers);
            for (int i = 0; i < 20; i++) {
                requests.onNext(random(1000 + call));
            }
            requests.onCompleted();
        }
        for (int call = 0; call < calls.size(); call++) {
            byte[] expected = random(1000 + call);
            assertThat(calls.get(call).all())
                    .hasSize(20)
                    .allSatisfy(answer -> assertThat(answer).isEqualTo(expected));
        }
    }

    private static final class Answers implements StreamObserver<byte[]> {
        private final List<byte[]> received = new ArrayList<>();
        private final CompletableFuture<List<byte[]>> done = new CompletableFuture<>();

        @Override
        public void onNext(byte[] answer) {
            received.add(answer);
        }

        @Override
        public void onError(Throwable t) {
            done.completeExceptionally(t);
        }

        @Override
        public void onCompleted() {
            done.complete(received);
        }

        List<byte[]> all() throws Exception {
            return done.get(30, TimeUnit.SECONDS);
        }
    }
}
