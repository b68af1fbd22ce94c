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
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Methods that run on the loop, and send whenever they are told that they may: grpc-okhttp would call them from within itself. */
class DirectExecutorTest extends GrpcFixture {
    private static final int MESSAGES = 100;
    private static final int MESSAGE_BYTES = 100_000;
    private static final int CALLS = 50;
    /** So large that no news of it comes to the rescue of what was forgotten. */
    private static final int WINDOW_BYTES = 1 << 20;

    /** Sends numbered messages as long as it may, on whatever thread. */
    private static final class Pump {
        private final ReentrantLock lock = new ReentrantLock();
        private final ServerCallStreamObserver<byte[]> call;
        private int sent;

        Pump(ServerCallStreamObserver<byte[]> call) {
            this.call = call;
        }

        boolean run() {
            lock.lock();
            try {
                while (sent < MESSAGES && call.isReady()) {
                    byte[] message = new byte[MESSAGE_BYTES];
                    Arrays.fill(message, (byte) sent++);
                    call.onNext(message);
                    if (sent == MESSAGES && lock.getHoldCount() == 1) {
                        call.onCompleted();
                    }
                }
                return sent < MESSAGES;
            } finally {
                lock.unlock();
            }
        }
    }

    private static void sendWhenReady(byte[] request, StreamObserver<byte[]> responses) {
        ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) responses;
        call.setOnReadyHandler(new Pump(call)::run);
    }

    /** All is sent by one thread of the application's, within the handler, too, should that be called there. */
    private static void sendOnAnotherThread(byte[] request, StreamObserver<byte[]> responses) {
        ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) responses;
        Pump pump = new Pump(call);
        Thread sender = new Thread(() -> {
            while (!call.isCancelled() && pump.run()) {
                Thread.onSpinWait();
            }
        });
        call.setOnReadyHandler(() -> {
            if (Thread.currentThread() == sender) {
                pump.run();
            }
        });
        sender.start();
    }

    @Test
    void shouldStreamToTheEnd() throws Exception {
        assertStreams(DirectExecutorTest::sendWhenReady);
    }

    @Test
    void shouldKeepMessagesApartThatTheApplicationSendsOnAThreadOfItsOwn() throws Exception {
        assertStreams(DirectExecutorTest::sendOnAnotherThread);
    }

    private void assertStreams(ServerCalls.ServerStreamingMethod<byte[], byte[]> method) throws Exception {
        ServerServiceDefinition service = ServerServiceDefinition.builder(SERVICE)
                .addMethod(DOWN, ServerCalls.asyncServerStreamingCall(method))
                .build();
        SluiceServer server =
                start(listening(Wire.TCP), serve(b -> b.addService(service).directExecutor()));
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.endpoints().get(0).port())
                .usePlaintext()
                .flowControlWindow(WINDOW_BYTES)
                .build();
        for (int i = 0; i < CALLS; i++) {
            CallOptions limited = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
            Iterator<byte[]> answers = ClientCalls.blockingServerStreamingCall(channel, DOWN, limited, new byte[0]);
            for (int message = 0; message < MESSAGES; message++) {
                byte[] expected = new byte[MESSAGE_BYTES];
                Arrays.fill(expected, (byte) message);
                assertThat(Arrays.equals(answers.next(), expected))
                        .as("message %d is whole", message)
                        .isTrue();
            }
            assertThat(answers.hasNext()).isFalse();
        }
        channel.shutdownNow();
    }
}
