package dev.sluice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.mux.SluiceServer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Methods that run on the loop, and send whenever they are told that they may. */
class DirectExecutorTest extends GrpcFixture {
    private static final int MESSAGES = 100;
    private static final int CALLS = 50;
    /** So large that no news of it comes to the rescue of what was forgotten. */
    private static final int WINDOW_BYTES = 1 << 20;

    private static void sendWhenReady(byte[] request, StreamObserver<byte[]> responses) {
        ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) responses;
        call.setOnReadyHandler(new Runnable() {
            private int sent;

            @Override
            public void run() {
                while (sent < MESSAGES && call.isReady()) {
                    call.onNext(request);
                    if (++sent == MESSAGES) {
                        call.onCompleted();
                    }
                }
            }
        });
    }

    @Test
    void shouldStreamToTheEnd() throws Exception {
        ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(DOWN, ServerCalls.asyncServerStreamingCall(DirectExecutorTest::sendWhenReady))
                .build();
        SluiceServer server =
                start(listening(Wire.TCP), serve(b -> b.addService(service).directExecutor()));
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.endpoints().get(0).port())
                .usePlaintext()
                .flowControlWindow(WINDOW_BYTES)
                .build();
        byte[] message = new byte[64 << 10];
        for (int i = 0; i < CALLS; i++) {
            CallOptions limited = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
            Iterator<byte[]> answers = ClientCalls.blockingServerStreamingCall(channel, DOWN, limited, message);
            int count = 0;
            for (; answers.hasNext(); count++) {
                assertThat(answers.next()).hasSize(message.length);
            }
            assertThat(count).isEqualTo(MESSAGES);
        }
        channel.shutdownNow();
    }
}
